namespace VMSeed.Blocks.Reading;

/// <summary>Guesses what a sequential reader reads next.</summary>
/// <remarks>
/// A few streams are told apart, so that a copy beside a boot is seen as one. A stream is believed
/// at its second read in a row; its window then doubles with each step from <see cref="MinWindow"/>
/// to <see cref="MaxWindow"/>. One block in the middle of each window is marked: the read that hits
/// it extends the window, so a reader that is served from memory all the way still finds its next
/// bytes there, and no read pays for the bookkeeping but one in a window.
/// </remarks>
internal sealed class ReadAhead(int blockSize, long blockCount)
{
    /// <summary>Bytes of the first guess: what a request costs in time on a fast line.</summary>
    public const int MinWindow = 256 * 1024;

    /// <summary>
    /// Bytes ahead of a reader at the most. Measured elsewhere on lazy disks: 2 to 4 MiB is best,
    /// and windows of tens of MiB are slower, because they fetch what nobody reads.
    /// </summary>
    public const int MaxWindow = 4 * 1024 * 1024;

    // A server of virtual machines reads a handful of files at once; each stream is one comparison.
    private const int Streams = 8;

    private readonly Lock _lock = new();
    private readonly Stream[] _streams = new Stream[Streams];
    private long _clock;

    /// <summary>A reader waited for these blocks.</summary>
    /// <returns>What to fetch ahead; of length 0 where the read follows no other.</returns>
    public Window OnMiss(long first, long last)
    {
        lock (_lock)
        {
            ref Stream stream = ref FindUnsynchronized(first);
            if (stream.Used == 0 || first < stream.Next || first > stream.Ahead)
            {
                stream = new Stream { Next = last + 1, Ahead = last + 1, Used = ++_clock };
                return default;
            }

            return AdvanceUnsynchronized(ref stream, last);
        }
    }

    /// <summary>A reader read a marked block.</summary>
    public Window OnMark(long block)
    {
        lock (_lock)
        {
            ref Stream stream = ref FindUnsynchronized(block);
            return block < stream.Ahead && stream.Window > 0
                ? AdvanceUnsynchronized(ref stream, block)
                : default;
        }
    }

    private Window AdvanceUnsynchronized(ref Stream stream, long last)
    {
        int min = Math.Max(1, MinWindow / blockSize);
        int max = Math.Max(1, MaxWindow / blockSize);
        stream.Next = last + 1;
        stream.Used = ++_clock;

        // A reader that has caught up with its window misses each block of it: a window that grew
        // by a block each time would cost a request a block.
        if (stream.Ahead - stream.Next > stream.Window / 2)
        {
            return default;
        }

        stream.Window = Math.Clamp(stream.Window * 2, min, max);
        long start = Math.Max(stream.Ahead, stream.Next);
        long end = Math.Min(blockCount, stream.Next + stream.Window);
        if (end <= start)
        {
            return default;
        }

        stream.Ahead = end;
        return new Window(start, (int)(end - start));
    }

    // The stream that the block continues, else the one that has been idle longest.
    private ref Stream FindUnsynchronized(long block)
    {
        int oldest = 0;
        for (int i = 0; i < _streams.Length; i++)
        {
            ref Stream stream = ref _streams[i];
            if (stream.Used > 0 && block >= stream.Next - 1 && block <= stream.Ahead)
            {
                return ref stream;
            }

            oldest = stream.Used < _streams[oldest].Used ? i : oldest;
        }

        return ref _streams[oldest];
    }

    /// <summary>Blocks to fetch ahead.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="Count">How many.</param>
    internal readonly record struct Window(long First, int Count)
    {
        /// <summary>The block whose read is the sign to go on.</summary>
        public long Mark => First + (Count / 2);
    }

    /// <summary>A reader's progress; mutable because it lives in an array and changes in place.
    /// </summary>
    private struct Stream
    {
        public long Next;
        public long Ahead;
        public int Window;
        public long Used;
    }
}
