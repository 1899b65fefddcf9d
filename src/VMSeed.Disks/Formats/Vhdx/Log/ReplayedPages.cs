using System.Diagnostics.CodeAnalysis;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.Log.LogFormat;

namespace VMSeed.Disks.Formats.Vhdx.Log;

/// <summary>What a log puts in place of a file's own bytes: pages, and ranges of zeros.</summary>
internal sealed class ReplayedPages
{
    private readonly Dictionary<long, byte[]> _pages = [];
    private readonly List<(long Start, long End)> _zeros = [];

    /// <summary>Nothing before this byte is replaced.</summary>
    public long Start { get; private set; } = long.MaxValue;

    /// <summary>Nothing from this byte on is replaced.</summary>
    public long End { get; private set; }

    /// <summary>Replaces a page.</summary>
    public void Put(long offset, byte[] page)
    {
        _pages[offset] = page;
        Cover(offset, offset + Sector);
    }

    /// <summary>Replaces a range by zeros.</summary>
    public void Zero(long offset, long length)
    {
        if (_zeros.Count == GreatestZeroCount)
        {
            throw DiskFormatException.Unsupported(
                $"The log of the VHDX has more than {GreatestZeroCount} ranges of zeros.");
        }

        // What an earlier entry has put there is gone.
        foreach (long page in _pages.Keys.Where(page => page >= offset && page < offset + length)
            .ToArray())
        {
            _pages.Remove(page);
        }

        _zeros.Add((offset, offset + length));
        Cover(offset, offset + length);
    }

    /// <summary>The page that replaces what the file has at an offset.</summary>
    public bool TryGet(long offset, [MaybeNullWhen(false)] out byte[] page) =>
        _pages.TryGetValue(offset / Sector * Sector, out page);

    /// <summary>Whether zeros replace the page at an offset that no other page replaces.</summary>
    public bool IsZero(long offset)
    {
        foreach ((long start, long end) in _zeros)
        {
            if (offset >= start && offset < end)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes all of it into a file.</summary>
    public async ValueTask WriteAsync(BlockDevice file, CancellationToken cancellationToken)
    {
        foreach ((long start, long end) in _zeros)
        {
            await file.ZeroAsync(start, Math.Min(end, file.Length) - start, cancellationToken)
                .ConfigureAwait(false);
        }

        foreach ((long offset, byte[] page) in _pages)
        {
            await file.WriteAsync(offset, page, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Cover(long start, long end) =>
        (Start, End) = (Math.Min(Start, start), Math.Max(End, end));
}
