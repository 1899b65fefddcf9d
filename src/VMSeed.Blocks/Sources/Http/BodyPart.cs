namespace VMSeed.Blocks.Sources.Http;

/// <summary>Which bytes of an answer's body were asked for.</summary>
/// <param name="Skip">Bytes before them.</param>
/// <param name="Length">How many they are.</param>
internal readonly record struct BodyPart(long Skip, int Length);
