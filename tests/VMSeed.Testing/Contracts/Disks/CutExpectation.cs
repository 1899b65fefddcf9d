using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What a disk may hold after a power cut.</summary>
/// <remarks>
/// Each byte is what it was at the last flush that had ended, or what a later step that had begun
/// made of it. The bytes of steps are random, so another block's bytes, or those of a step long
/// overwritten, pass in one case of 256 a byte: not in a sector. Cuts are asked for in rising
/// order, so that one array follows them. Tasks that work at once have disjoint ranges, so that the
/// steps on each byte have one order: its task's.
/// </remarks>
internal sealed class CutExpectation
{
    private readonly IReadOnlyList<IReadOnlyList<DiskEvent>> _tasks;
    private readonly DiskEvent[] _flushes;
    private readonly byte[] _flushed;
    private readonly byte[] _beforeTrim;
    private readonly bool[] _isTrimmed;
    private readonly int[] _next;
    private readonly bool _hasLengthOfFile;
    private int _length;
    private DiskEvent[] _pending = [];

    /// <summary>Begins with a disk that has been flushed.</summary>
    /// <param name="tasks">What each task has done, in its order.</param>
    /// <param name="initial">What the disk held before.</param>
    /// <param name="format">What its format promises.</param>
    internal CutExpectation(
        IReadOnlyList<IReadOnlyList<DiskEvent>> tasks, byte[] initial, DiskFormat format)
    {
        _hasLengthOfFile = format.HasLengthOfFile;
        _tasks = tasks;
        _next = new int[tasks.Count];
        _flushes = [.. tasks.SelectMany(events => events).Where(e =>
            e.Kind == DiskOperationKind.Flush
            || (format.ClosingFlushes && e.Kind == DiskOperationKind.Reopen))];
        _length = initial.Length;
        int longest = tasks.SelectMany(events => events)
            .Where(e => e.Kind == DiskOperationKind.Grow)
            .Aggregate(_length, (most, e) => Math.Max(most, e.Offset));
        _flushed = new byte[longest];
        initial.CopyTo(_flushed, 0);
        _beforeTrim = new byte[longest];
        _isTrimmed = new bool[longest];
    }

    /// <summary>Goes on to a cut after so many changes of the files.</summary>
    internal void AdvanceTo(int changes)
    {
        int promised = _flushes.Where(flush => flush.After <= changes)
            .Select(flush => flush.Began).DefaultIfEmpty(0).Max();
        for (int task = 0; task < _tasks.Count; task++)
        {
            IReadOnlyList<DiskEvent> events = _tasks[task];
            for (; _next[task] < events.Count && events[_next[task]].Ended < promised;
                _next[task]++)
            {
                Settle(events[_next[task]]);
            }
        }

        _pending = [.. _tasks.SelectMany((events, task) => events.Skip(_next[task]))
            .Where(e => e.Before < changes)];
    }

    /// <summary>Fails where the disk holds what it may not.</summary>
    internal void Check(ReadOnlySpan<byte> disk)
    {
        int[] lengths =
        [
            _length, .. _pending.Where(e => e.Kind == DiskOperationKind.Grow).Select(e => e.Offset),
        ];
        if (_hasLengthOfFile)
        {
            Assert.InRange(disk.Length, lengths.Min(), lengths.Max());
        }
        else
        {
            Assert.Contains(disk.Length, lengths);
        }

        for (int at = 0; at < disk.Length; at++)
        {
            at += disk[at..].CommonPrefixLength(_flushed.AsSpan(at));
            if (at < disk.Length && !IsAllowed(at, disk[at]))
            {
                Fail(disk, at);
            }
        }
    }

    private void Settle(DiskEvent step)
    {
        if (step.Kind == DiskOperationKind.Grow)
        {
            _length = step.Offset;
            return;
        }

        bool isTrim = step.Kind == DiskOperationKind.Trim;
        for (int i = 0; i < step.Data.Length && IsChange(step); i++)
        {
            int at = step.Offset + i;
            _beforeTrim[at] = isTrim && !_isTrimmed[at] ? _flushed[at] : _beforeTrim[at];
            _isTrimmed[at] = isTrim;
            _flushed[at] = step.Data[i];
        }
    }

    private bool IsAllowed(int at, byte value)
    {
        if (_isTrimmed[at] && TrimmedBytes.IsAllowed(value, _beforeTrim[at]))
        {
            return true; // A trim is a hint: a flush need not make it last.
        }

        foreach (DiskEvent step in _pending)
        {
            int i = at - step.Offset;
            if (IsChange(step) && i >= 0 && i < step.Data.Length
                && (step.Data[i] == value || (step.Kind == DiskOperationKind.Trim
                    && TrimmedBytes.IsAllowed(value, step.Data[i]))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsChange(DiskEvent step) => step.Kind
        is DiskOperationKind.Write or DiskOperationKind.Zero or DiskOperationKind.Trim;

    private void Fail(ReadOnlySpan<byte> disk, int at)
    {
        int end = Math.Min(at + 8, disk.Length);
        string steps = string.Join(
            ", ",
            _pending.Where(e => IsChange(e) && at >= e.Offset && at < e.Offset + e.Data.Length)
                .Select(e => $"{e.Kind} of {e.Data.Length} at {e.Offset}"));
        Assert.Fail(
            $"At {at} is {Convert.ToHexString(disk[at..end])}; flushed was "
            + $"{Convert.ToHexString(_flushed.AsSpan(at..end))}, and after that came: "
            + (steps.Length == 0 ? "nothing." : steps + "."));
    }
}
