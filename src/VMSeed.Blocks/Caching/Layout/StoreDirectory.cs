using System.Buffers;
using System.Runtime.InteropServices;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>The directory's reads and writes. The page cache of the system is its memory.</summary>
/// <param name="device">Where the store lies.</param>
internal sealed class StoreDirectory(BlockDevice device)
{
    // Entries of one read of a whole directory: 1 MiB, after which larger reads are no faster.
    private const int ScanEntries = 32 * 1024;

    /// <summary>Reads one entry.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>The entry; perhaps empty, perhaps not sound.</returns>
    public ValueTask<DirectoryEntry> ReadAsync(int slot, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DirectoryEntry.Bytes);
        Memory<byte> memory = buffer.AsMemory(0, DirectoryEntry.Bytes);
        ValueTask read = device.ReadAsync(
            StoreGeometry.OffsetOfSlot(slot), memory, cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return FinishAsync(read, buffer);
        }

        DirectoryEntry entry = MemoryMarshal.Read<DirectoryEntry>(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
        return new(entry);
    }

    /// <summary>Reads the entries of a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="buffer">A unit of memory.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>A task that is done when the buffer is full.</returns>
    public ValueTask ReadPageAsync(
        int page, Memory<byte> buffer, CancellationToken cancellationToken) =>
        device.ReadAsync(
            StoreGeometry.OffsetOfSlot(page * StoreGeometry.PageEntries),
            buffer[..StoreGeometry.UnitBytes],
            cancellationToken);

    /// <summary>Writes the entries of a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="entries">A unit of memory.</param>
    /// <returns>A task that is done when every later read sees them.</returns>
    public ValueTask WritePageAsync(int page, ReadOnlyMemory<byte> entries) =>
        device.WriteAsync(StoreGeometry.OffsetOfSlot(page * StoreGeometry.PageEntries), entries);

    /// <summary>Writes an entry.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="entry">The entry; the default value removes what is there.</param>
    /// <returns>A task that is done when every later read sees it.</returns>
    public async ValueTask WriteAsync(int slot, DirectoryEntry entry)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DirectoryEntry.Bytes);
        MemoryMarshal.Write(buffer, entry);
        await device.WriteAsync(
                StoreGeometry.OffsetOfSlot(slot), buffer.AsMemory(0, DirectoryEntry.Bytes))
            .ConfigureAwait(false);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes the pages of a whole directory.</summary>
    /// <param name="entries">By slot.</param>
    /// <returns>A task that is done when every later read sees them.</returns>
    public async ValueTask WriteAllAsync(DirectoryEntry[] entries)
    {
        byte[] buffer = new byte[ScanEntries * DirectoryEntry.Bytes];
        for (int slot = 0; slot < entries.Length; slot += ScanEntries)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(
                entries.AsSpan(slot, Math.Min(ScanEntries, entries.Length - slot)));
            bytes.CopyTo(buffer);
            Memory<byte> memory = buffer.AsMemory(0, bytes.Length);
            long offset = StoreGeometry.OffsetOfSlot(slot);
            if (memory.Span.ContainsAnyExcept((byte)0))
            {
                await device.WriteAsync(offset, memory).ConfigureAwait(false);
            }
            else
            {
                await device.ZeroAsync(offset, memory.Length).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Looks at every entry that is not empty.</summary>
    /// <param name="slots">Slots of the directory.</param>
    /// <param name="visit">Gets a slot and its entry.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    /// <returns>A task that is done after the last.</returns>
    public async ValueTask ScanAsync(
        int slots, Action<int, DirectoryEntry> visit, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Math.Min(slots, ScanEntries) * DirectoryEntry.Bytes];
        for (int slot = 0; slot < slots; slot += ScanEntries)
        {
            int count = Math.Min(ScanEntries, slots - slot);
            Memory<byte> memory = buffer.AsMemory(0, count * DirectoryEntry.Bytes);
            await device.ReadAsync(StoreGeometry.OffsetOfSlot(slot), memory, cancellationToken)
                .ConfigureAwait(false);
            VisitAll(slot, memory.Span, visit);
        }
    }

    private static void VisitAll(
        int slot, ReadOnlySpan<byte> bytes, Action<int, DirectoryEntry> visit)
    {
        foreach (ref readonly DirectoryEntry entry in MemoryMarshal.Cast<byte, DirectoryEntry>(bytes))
        {
            if (!entry.IsEmpty)
            {
                visit(slot, entry);
            }

            slot++;
        }
    }

    private static async ValueTask<DirectoryEntry> FinishAsync(ValueTask read, byte[] buffer)
    {
        await read.ConfigureAwait(false);
        DirectoryEntry entry = MemoryMarshal.Read<DirectoryEntry>(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
        return entry;
    }
}
