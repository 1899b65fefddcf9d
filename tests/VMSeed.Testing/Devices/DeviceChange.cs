namespace VMSeed.Testing.Devices;

/// <summary>One change of a device, as the log of a <see cref="PowerCutDevice"/> keeps
/// it.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Offset">Where it began, in bytes; for a new length, that length; for a flush, how
/// many changes it covers.</param>
/// <param name="Length">How far it went, in bytes.</param>
/// <param name="Data">The bytes of a write.</param>
public sealed record DeviceChange(
    DeviceChangeKind Kind, long Offset, long Length, ReadOnlyMemory<byte> Data = default);
