namespace VMSeed.Testing.Devices;

/// <summary>What the files of a disk hold after a power cut.</summary>
/// <param name="Changes">How many changes they had accepted together when the power went.</param>
/// <param name="Files">The files afterwards, with an empty log: they can be cut again.</param>
/// <param name="Name">Says all that is needed to make the same state again.</param>
public sealed record FilesCut(int Changes, PowerCutFiles Files, string Name);
