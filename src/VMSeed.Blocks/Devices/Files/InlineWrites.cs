namespace VMSeed.Blocks.Devices.Files;

// ext4 refuses to say beforehand whether a write would wait (Linux 6.18), and so do others. A write
// of 4 KiB into its page cache takes 2 µs, one of 64 KiB 12 to 30; the way to a worker and back
// takes 9, and whoever waits hears of the end on another thread: an NBD server's small writes were
// half as quick for it. So small ones are made by the caller's own thread, though the kernel may
// hold it when it makes writers wait for the disk: 4 to 30 ms, once in 10,000. Three things bound
// that price. Writes are small; of one file's writers one thread is held at a time, so that a
// server which does not answer holds no more; and after some slow writes in a row the workers have
// the next ones, for a disk that is busy with its queue, or a file system behind a network, is
// better served by many. One slow write says nothing: its thread may have lost the processor.

/// <summary>Which writes to a file are made on the calling thread, where the file system does not
/// tell whether they would wait.</summary>
/// <param name="time">The clock.</param>
internal sealed class InlineWrites(TimeProvider time)
{
    /// <summary>The longest of them, in bytes. Of 256 KiB one in 1,000 took 4 ms; and the way to a
    /// worker is no longer felt.</summary>
    internal const int Largest = 64 * 1024;

    /// <summary>What takes longer has waited: ten times what 64 KiB take, and less than a
    /// network's round trip.</summary>
    internal static readonly TimeSpan Slow = TimeSpan.FromMicroseconds(250);

    /// <summary>So many of them in a row are no accident. The first ones after a rest meet the
    /// workers' last ones at the file's lock: with 1, a busy machine came out of a rest to go into
    /// the next.</summary>
    internal const int SlowRow = 8;

    /// <summary>How long the workers write after that: the kernel's pauses are of this order, and a
    /// file system that is always slow has its callers' threads for a few percent of the
    /// time.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly long _slow = TicksOf(time, Slow);
    private readonly long _rest = TicksOf(time, Rest);
    private long _restEnd = long.MinValue;
    private int _row;
    private int _held;

    /// <summary>Writes on the calling thread, if that is the better place.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes.</param>
    /// <returns>Whether it has been written.</returns>
    /// <exception cref="IOException">The file system has refused.</exception>
    internal bool TryWrite(BlockingFile file, long offset, ReadOnlySpan<byte> data)
    {
        if (!TryBegin(data.Length, out long began))
        {
            return false;
        }

        try
        {
            file.Write(offset, data);
            return true;
        }
        finally
        {
            End(began);
        }
    }

    /// <summary>Takes the calling thread for a write.</summary>
    /// <param name="length">How long the write is, in bytes.</param>
    /// <param name="began">To be given to <see cref="End"/>.</param>
    /// <returns>False when a worker is the better place.</returns>
    internal bool TryBegin(int length, out long began)
    {
        began = 0;
        if (length > Largest || Interlocked.Exchange(ref _held, 1) != 0)
        {
            return false;
        }

        began = time.GetTimestamp();
        if (began >= _restEnd)
        {
            return true;
        }

        Volatile.Write(ref _held, 0);
        return false;
    }

    /// <summary>The write has ended.</summary>
    internal void End(long began)
    {
        long now = time.GetTimestamp();
        _row = now - began > _slow ? _row + 1 : 0;
        if (_row == SlowRow)
        {
            _row = 0;
            _restEnd = now + _rest;
        }

        Volatile.Write(ref _held, 0);
    }

    private static long TicksOf(TimeProvider time, TimeSpan span) =>
        (long)(span.TotalSeconds * time.TimestampFrequency);
}
