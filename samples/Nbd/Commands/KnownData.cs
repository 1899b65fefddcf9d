namespace VMSeed.Nbd.Commands;

/// <summary>The last range of which the map said that it is data, so that a sequential reader does
/// not ask for each of its reads.</summary>
/// <remarks>Data that has become a hole meanwhile is read as zeros, which is right too; a hole is
/// asked for anew each time, for it may have been written.</remarks>
internal sealed class KnownData
{
    /// <summary>How far the map is asked beyond what is read.</summary>
    public const long Ahead = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private long _start;
    private long _end;

    public bool TryFind(long offset, out long length)
    {
        lock (_gate)
        {
            length = _end - offset;
            return offset >= _start && length > 0;
        }
    }

    public void Keep(long offset, in NbdExtent extent)
    {
        if (extent.Kind != NbdExtentKind.Data) { return; }

        lock (_gate) { (_start, _end) = (offset, offset + extent.Length); }
    }
}
