namespace VMSeed.Disks.Formats.Vhdx.Log;

/// <summary>An entry of the log that is whole.</summary>
/// <param name="Offset">Where in the log it begins.</param>
/// <param name="Length">Its bytes, which may go on at the log's beginning.</param>
/// <param name="Sequence">Its number.</param>
/// <param name="Tail">Where the oldest entry begins that must be replayed if this is the
/// newest.</param>
/// <param name="Count">Its descriptors.</param>
/// <param name="FlushedLength">The file was durably so long when it was written.</param>
/// <param name="LastLength">The file must be so long after a replay.</param>
internal sealed record LogEntry(
    int Offset,
    int Length,
    ulong Sequence,
    uint Tail,
    int Count,
    ulong FlushedLength,
    ulong LastLength);
