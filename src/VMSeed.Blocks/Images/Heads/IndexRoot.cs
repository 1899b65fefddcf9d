using System.Text.Json.Serialization;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>The root of an index.</summary>
/// <param name="Levels">Levels of pages, from the leaves to the root.</param>
/// <param name="Fanout">Entries of a page.</param>
/// <param name="Digest">The digest of the root page's object.</param>
/// <param name="Length">Bytes of that object.</param>
public sealed record IndexRoot(int Levels, int Fanout, Digest Digest, int Length)
{
    /// <summary>The root page's object itself, where it is small.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ReadOnlyMemory<byte> Inline { get; init; }
}
