using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What a disk may hold after a power cut.</summary>
/// <remarks>
/// Each byte is what it was at the last flush that had ended, or what a later step that had begun
/// made of it. The bytes of steps are random, so another block's bytes, or those of a step long
/// overwritten, pass in one case of 256 a byte: not in a sector. Cuts are asked for in rising
/// order, so that one array follows them.
/// </remarks>
internal sealed class CutExpectation
{
    private readonly IReadOnlyList<DiskEvent> _events;
    private readonly byte[] _flushed;
    private readonly byte[] _beforeTrim;
    private readonly bool[] _isTrimmed;
    private int _length;
    private int _next;
    private DiskEvent[] _pending = [];

    /// <summary>Begins with a disk of zeros that has been flushed.</summary>
    internal CutExpectation(IReadOnlyList<DiskEvent> events, int length)
    {
        _events = events;
        _length = length;
        int longest = events.Where(e => e.Kind == DiskOperationKind.Grow)
            .Aggregate(length, (most, e) => Math.Max(most, e.Offset));
        _flushed = new byte[longest];
        _beforeTrim = new byte[longest];
        _isTrimmed = new bool[longest];
    }

    /// <summary>Goes on to a cut after so many changes of the file.</summary>
    internal void AdvanceTo(int changes)
    {
        int flush = _next - 1;
        for (int i = _next; i < _events.Count && _events[i].After <= changes; i++)
        {
            flush = _events[i].Kind == DiskOperationKind.Flush ? i : flush;
        }

        for (; _next <= flush; _next++)
        {
            Settle(_events[_next]);
        }

        _pending = [.. _events.Skip(_next).Where(e => e.Before < changes)];
    }

    /// <summary>Fails where the disk holds what it may not.</summary>
    internal void Check(ReadOnlySpan<byte> disk)
    {
        Assert.Contains(
            disk.Length,
            _pending.Where(e => e.Kind == DiskOperationKind.Grow).Select(e => e.Offset)
                .Append(_length));
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
