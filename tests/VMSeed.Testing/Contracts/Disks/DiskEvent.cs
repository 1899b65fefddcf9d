namespace VMSeed.Testing.Contracts.Disks;

/// <summary>A step that was done, and what the log of the files under the disk said of
/// it.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Offset">Where, in bytes; of a growth, the new length.</param>
/// <param name="Data">The range's content afterwards.</param>
/// <param name="Before">Changes of the files when it began.</param>
/// <param name="After">Changes of the files when it had ended.</param>
internal sealed record DiskEvent(
    DiskOperationKind Kind, int Offset, byte[] Data, int Before, int After)
{
    /// <summary>When it began, by a clock that counts the beginnings and ends of all steps: a
    /// flush promises what had ended before it began.</summary>
    internal required int Began { get; init; }

    /// <summary>When it had ended, by the same clock.</summary>
    internal required int Ended { get; init; }
}
