using System.Buffers.Binary;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>Which directory slots changed last, so that the other processes' mirrors can follow.</summary>
/// <remarks>
/// A slot is written down before its entry is touched, and whoever follows reads the entry itself. So
/// it does not matter whether a process that died had come to touching it: the journal says where to
/// look, the directory what is true. All of it happens under the store's lock.
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
    public async ValueTask<(ulong Head, Guid SharedName)> ReadStateAsync()
    {
        await device.ReadAsync(HeadAt, _state).ConfigureAwait(false);
        return (BinaryPrimitives.ReadUInt64LittleEndian(_state), new Guid(_state.AsSpan(NameAt)));
    }

    /// <summary>Begins a new common life of processes.</summary>
    /// <param name="head">Changes that there have been.</param>
    /// <param name="sharedName">The name of the shared memory.</param>
    /// <returns>A task that is done when others see it.</returns>
    public ValueTask WriteStateAsync(ulong head, Guid sharedName)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_state, head);
        _ = sharedName.TryWriteBytes(_state.AsSpan(NameAt));
        return device.WriteAsync(HeadAt, _state);
    }

    /// <summary>The slots that changed since.</summary>
    /// <param name="seen">Changes that are known.</param>
    /// <param name="head">Changes that there have been.</param>
    /// <returns>The slots, oldest first; null when the journal does not go back so far.</returns>
    public async ValueTask<int[]?> ReadAsync(ulong seen, ulong head)
    {
        if (head - seen > Window)
        {
            return null;
        }

        byte[] bytes = new byte[(int)(head - seen) * sizeof(int)];
        await TransferAsync(seen, bytes, write: false).ConfigureAwait(false);
        int[] slots = new int[bytes.Length / sizeof(int)];
        Buffer.BlockCopy(bytes, 0, slots, 0, bytes.Length);
        return slots;
    }

    /// <summary>Writes slots down that are about to change.</summary>
    /// <param name="head">Changes that there have been.</param>
    /// <param name="slots">The slots.</param>
    /// <returns>A task that is done when others see it.</returns>
    public async ValueTask AppendAsync(ulong head, IReadOnlyList<int> slots)
    {
        // More than others may look back on: only the last are kept, and the others find that out by the head.
        int first = Math.Max(0, slots.Count - Window);
        byte[] bytes = new byte[(slots.Count - first) * sizeof(int)];
        for (int i = first; i < slots.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((i - first) * sizeof(int)), slots[i]);
        }

        await TransferAsync(head + (ulong)first, bytes, write: true).ConfigureAwait(false);
        BinaryPrimitives.WriteUInt64LittleEndian(_state, head + (ulong)slots.Count);
        await device.WriteAsync(HeadAt, _state.AsMemory(0, NameAt)).ConfigureAwait(false);
    }

    private async ValueTask TransferAsync(ulong from, Memory<byte> bytes, bool write)
    {
        while (bytes.Length > 0)
        {
            int place = (int)(from % StoreGeometry.JournalSlots);
            int count = Math.Min(bytes.Length / sizeof(int), StoreGeometry.JournalSlots - place);
            Memory<byte> piece = bytes[..(count * sizeof(int))];
            long offset = RingAt + (place * sizeof(int));
            if (write)
            {
                await device.WriteAsync(offset, piece).ConfigureAwait(false);
            }
            else
            {
                await device.ReadAsync(offset, piece).ConfigureAwait(false);
            }

            bytes = bytes[piece.Length..];
            from += (ulong)count;
        }
    }
}
