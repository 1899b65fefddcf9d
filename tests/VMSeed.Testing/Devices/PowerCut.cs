namespace VMSeed.Testing.Devices;

/// <summary>What a device holds after a power cut.</summary>
/// <param name="Changes">How many changes the device had accepted when the power went.</param>
/// <param name="Durable">How many of them are there for certain: those before the last finished
/// flush.</param>
/// <param name="Device">The device afterwards, with an empty log: it can be cut again.</param>
/// <param name="Name">Says all that is needed to make the same state again.</param>
public sealed record PowerCut(int Changes, int Durable, PowerCutDevice Device, string Name);
