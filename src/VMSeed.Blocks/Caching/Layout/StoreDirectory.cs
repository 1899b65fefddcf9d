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

    /// <summary>Reads one entry, holding the thread.</summary>
    /// <param name="slot">Its slot.</param>
    /// <returns>The entry; perhaps empty, perhaps not sound.</returns>
    public DirectoryEntry Read(int slot)
    {
        DirectoryEntry entry = default;
        device.Read(
            StoreGeometry.OffsetOfSlot(slot),
            MemoryMarshal.AsBytes(new Span<DirectoryEntry>(ref entry)));
        return entry;
    }

    /// <summary>Reads the entries of a page, holding the thread.</summary>
    /// <param name="page">The page.</param>
    /// <param name="entries">As many as a page has.</param>
    public void ReadPage(int page, Span<DirectoryEntry> entries) => device.Read(
        StoreGeometry.OffsetOfSlot(page * StoreGeometry.PageEntries),
        MemoryMarshal.AsBytes(entries));

    /// <summary>Writes the entries of a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="entries">As many as a page has.</param>
    public void WritePage(int page, ReadOnlySpan<DirectoryEntry> entries) => device.Write(
        StoreGeometry.OffsetOfSlot(page * StoreGeometry.PageEntries),
        MemoryMarshal.AsBytes(entries));

    /// <summary>Writes an entry.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="entry">The entry; the default value removes what is there.</param>
    public void Write(int slot, DirectoryEntry entry) => device.Write(
        StoreGeometry.OffsetOfSlot(slot),
        MemoryMarshal.AsBytes(new ReadOnlySpan<DirectoryEntry>(in entry)));

    /// <summary>Writes a whole directory.</summary>
    /// <param name="entries">By slot.</param>
    /// <returns>A task that is done when every later read sees them.</returns>
    public async ValueTask WriteAllAsync(DirectoryEntry[] entries)
    {
        await device.ZeroAsync(
            StoreGeometry.OffsetOfSlot(0), (long)entries.Length * DirectoryEntry.Bytes)
            .ConfigureAwait(false);
        for (int slot = 0; slot < entries.Length; slot += StoreGeometry.PageEntries)
        {
            ReadOnlySpan<DirectoryEntry> page = entries.AsSpan(slot, StoreGeometry.PageEntries);
            if (MemoryMarshal.AsBytes(page).ContainsAnyExcept((byte)0))
            {
                WritePage(slot / StoreGeometry.PageEntries, page);
            }
        }
    }

    /// <summary>Looks at every entry that is not empty, holding the thread.</summary>
    /// <param name="slots">Slots of the directory.</param>
    /// <param name="visit">Gets a slot and its entry.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public void Scan(
        int slots, Action<int, DirectoryEntry> visit, CancellationToken cancellationToken)
    {
        DirectoryEntry[] buffer = new DirectoryEntry[Math.Min(slots, ScanEntries)];
        for (int first = 0; first < slots; first += ScanEntries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<DirectoryEntry> entries = buffer.AsSpan(0, Math.Min(ScanEntries, slots - first));
            device.Read(StoreGeometry.OffsetOfSlot(first), MemoryMarshal.AsBytes(entries));
            VisitAll(first, entries, visit);
        }
    }

    private static void VisitAll(
        int slot, ReadOnlySpan<DirectoryEntry> entries, Action<int, DirectoryEntry> visit)
    {
        foreach (ref readonly DirectoryEntry entry in entries)
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
