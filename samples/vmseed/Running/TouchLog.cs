using System.Collections;
using System.Globalization;

namespace VMSeed.Tool.Running;

/// <summary>What was read of a disk for the first time, in order.</summary>
/// <remarks>A list of places, not of times: it says what a boot needs and in which order, which is
/// the same on every machine, as the time between is not.</remarks>
internal sealed class TouchLog(long length)
{
    // What file systems read at the least; smaller units would cost memory and tell nothing more.
    private const int UnitSize = 4096;

    // A bit a unit: 32 MiB for a disk of 1 TiB.
    private readonly BitArray _touched = new(checked((int)((length + UnitSize - 1) / UnitSize)));
    private readonly List<(long Offset, long Length)> _first = [];
    private readonly Lock _lock = new();

    /// <summary>Notes a read.</summary>
    public void Add(long offset, long count)
    {
        if (count == 0)
        {
            return;
        }

        lock (_lock)
        {
            int end = (int)((offset + count - 1) / UnitSize) + 1;
            for (int unit = (int)(offset / UnitSize); unit < end; unit++)
            {
                if (!_touched[unit])
                {
                    _touched[unit] = true;
                    AddUnsynchronized(unit);
                }
            }
        }
    }

    /// <summary>Writes the list: a line of text for each touch, offset and length in bytes, below
    /// lines that begin with # and say what it is.</summary>
    public async Task WriteAsync(string path, string title)
    {
        await using StreamWriter file = new(path);
        await file.WriteAsync(
            "# vmseed boot profile 1: first touches in order, offset and length\n");
        await file.WriteAsync($"# {title}\n");
        foreach ((long offset, long count) in Snapshot())
        {
            await file.WriteAsync(
                string.Create(CultureInfo.InvariantCulture, $"{offset} {count}\n"));
        }
    }

    private void AddUnsynchronized(int unit)
    {
        long offset = (long)unit * UnitSize;
        long count = Math.Min(UnitSize, length - offset);
        if (_first.Count > 0 && _first[^1] is { } last && last.Offset + last.Length == offset)
        {
            _first[^1] = (last.Offset, last.Length + count);
        }
        else
        {
            _first.Add((offset, count));
        }
    }

    private (long Offset, long Length)[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _first];
        }
    }
}
