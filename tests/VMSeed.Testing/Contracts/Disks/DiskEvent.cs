namespace VMSeed.Testing.Contracts.Disks;

/// <summary>A step that was done, and what the log of the file under the disk said of it.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Offset">Where, in bytes; of a growth, the new length.</param>
/// <param name="Data">The range's content afterwards.</param>
/// <param name="Before">Changes of the file when it began.</param>
/// <param name="After">Changes of the file when it had ended.</param>
internal sealed record DiskEvent(
    DiskOperationKind Kind, int Offset, byte[] Data, int Before, int After);
