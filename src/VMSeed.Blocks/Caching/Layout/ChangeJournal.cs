using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>Which directory slots changed last, so that the other processes' mirrors can
/// follow.</summary>
/// <remarks>
/// A slot is written down before its entry is touched, and whoever follows reads the entry itself.
/// So it does not matter whether a process that died had come to touching it: the journal says
/// where to look, the directory what is true. All of it happens under the store's lock.
/// </remarks>
/// <param name="device">Where the store lies.</param>
internal sealed class ChangeJournal(BlockDevice device)
{
    private const long HeadAt = (long)StoreGeometry.StateUnit * StoreGeometry.UnitBytes;
    private const int NameAt = sizeof(ulong);
    private const int StateBytes = NameAt + 16;
    private const long RingAt = (long)StoreGeometry.JournalUnit * StoreGeometry.UnitBytes;

    // Half of the ring: a process that died may have written over the other half without saying so.
    private const int Window = StoreGeometry.JournalSlots / 2;

    private readonly byte[] _state = new byte[StateBytes];

    /// <summary>Reads the state page.</summary>
    /// <returns>Changes that there have been, and the name of the shared memory.</returns>
    public (ulong Head, Guid SharedName) ReadState()
    {
        device.Read(HeadAt, _state);
        return (BinaryPrimitives.ReadUInt64LittleEndian(_state), new Guid(_state.AsSpan(NameAt)));
    }

    /// <summary>Begins a new common life of processes.</summary>
    /// <param name="head">Changes that there have been.</param>
    /// <param name="sharedName">The name of the shared memory.</param>
    public void WriteState(ulong head, Guid sharedName)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_state, head);
        _ = sharedName.TryWriteBytes(_state.AsSpan(NameAt));
        device.Write(HeadAt, _state);
    }

    /// <summary>The slots that changed since.</summary>
    /// <param name="seen">Changes that are known.</param>
    /// <param name="head">Changes that there have been.</param>
    /// <returns>The slots, oldest first; null when the journal does not go back so far.</returns>
    public int[]? Read(ulong seen, ulong head)
    {
        if (head - seen > Window)
        {
            return null;
        }

        int[] slots = new int[(int)(head - seen)];
        Transfer(seen, slots, write: false);
        return slots;
    }

    /// <summary>Writes slots down that are about to change.</summary>
    /// <param name="head">Changes that there have been.</param>
    /// <param name="slots">The slots.</param>
    public void Append(ulong head, ReadOnlySpan<int> slots)
    {
        // More than others may look back on: only the last are kept, and the others find out by the
        // head.
        int skipped = Math.Max(0, slots.Length - Window);
        Transfer(head + (ulong)skipped, slots[skipped..].ToArray(), write: true);
        BinaryPrimitives.WriteUInt64LittleEndian(_state, head + (ulong)slots.Length);
        device.Write(HeadAt, _state.AsSpan(0, NameAt));
    }

    private void Transfer(ulong from, Span<int> slots, bool write)
    {
        while (slots.Length > 0)
        {
            int place = (int)(from % StoreGeometry.JournalSlots);
            int count = Math.Min(slots.Length, StoreGeometry.JournalSlots - place);
            Span<byte> bytes = MemoryMarshal.AsBytes(slots[..count]);
            long offset = RingAt + (place * sizeof(int));
            if (write)
            {
                device.Write(offset, bytes);
            }
            else
            {
                device.Read(offset, bytes);
            }

            slots = slots[count..];
            from += (ulong)count;
        }
    }
}
