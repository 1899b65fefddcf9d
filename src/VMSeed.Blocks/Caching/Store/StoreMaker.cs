using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Begins stores, and gives existing ones another size.</summary>
/// <param name="device">Where the store lies.</param>
/// <param name="isFile">Whether it is a file, whose length is the store's to set.</param>
/// <param name="time">When it is begun.</param>
/// <param name="logger">Told of what is dropped.</param>
internal sealed class StoreMaker(
    BlockDevice device, bool isFile, TimeProvider time, ILogger logger)
{
    private readonly StoreDirectory _directory = new(device);

    /// <summary>Makes sure that there is a store of a geometry.</summary>
    /// <param name="geometry">The geometry.</param>
    /// <param name="keepsSize">Whether a store that is there already keeps the one that it
    /// has.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>Its superblock.</returns>
    public async Task<Superblock> ContinueOrBeginAsync(
        StoreGeometry geometry, bool keepsSize, CancellationToken cancellationToken)
    {
        byte[] unit = new byte[StoreGeometry.UnitBytes];
        if (device.Length >= unit.Length)
        {
            await device.ReadAsync(0, unit, cancellationToken).ConfigureAwait(false);
        }

        if (Superblock.TryParse(unit) is not { } superblock)
        {
            if (device.Length > 0 && unit.AsSpan().ContainsAnyExcept((byte)0))
            {
                logger.LogWarning(
                    "{Store} holds no cache of version {Version}; a new one is begun there.",
                    device, Superblock.Version);
            }

            return await BeginAsync(geometry).ConfigureAwait(false);
        }

        if (isFile && device.Length < superblock.Geometry.Bytes)
        {
            logger.LogWarning(
                "The cache {Store} was cut to {Length} bytes; what lay behind is lost.",
                device, device.Length);
            await device.SetLengthAsync(superblock.Geometry.Bytes, cancellationToken)
                .ConfigureAwait(false);
        }

        return keepsSize
            || superblock.Geometry == geometry with { Level = superblock.Geometry.Level }
            ? superblock
            : await ResizeAsync(superblock, geometry, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Superblock> BeginAsync(StoreGeometry geometry)
    {
        if (isFile)
        {
            await device.SetLengthAsync(0).ConfigureAwait(false); // Gives all storage back.
            await device.SetLengthAsync(geometry.Bytes).ConfigureAwait(false);
        }

        Superblock superblock = new(Guid.NewGuid(), geometry, time.GetUtcNow());
        await WriteAsync(superblock, new DirectoryEntry[geometry.Slots]).ConfigureAwait(false);
        return superblock;
    }

    // The blocks stay where they are; the directory is written anew under another salt. Until it is
    // whole, the old entries do not count any more and the new ones not all yet: a crash in between
    // costs blocks, and nothing else.
    private async Task<Superblock> ResizeAsync(
        Superblock old, StoreGeometry geometry, CancellationToken cancellationToken)
    {
        bool readable = old.Geometry.DataUnit <= device.Length / StoreGeometry.UnitBytes;
        StoreLoader loader = new(old.Geometry, old.Salt, _directory);
        if (readable)
        {
            loader.Read(cancellationToken);
        }

        geometry = geometry.GrownFor(loader.Sound.Count);
        Superblock superblock = new(Guid.NewGuid(), geometry, old.Created);
        DirectoryEntry[] entries = new DirectoryEntry[geometry.Slots];
        foreach ((uint _, int _, DirectoryEntry entry) in loader.Sound)
        {
            Place(geometry, entry.Sealed(superblock.Salt), entries);
        }

        if (isFile)
        {
            await device.SetLengthAsync(geometry.Bytes, cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(superblock, entries).ConfigureAwait(false);
        return superblock;
    }

    private static void Place(
        StoreGeometry geometry, DirectoryEntry entry, DirectoryEntry[] entries)
    {
        int first = geometry.PageOf(entry.Prefix) * StoreGeometry.PageEntries;
        int last = first + StoreGeometry.PageEntries - 1;
        while (first < last && !entries[first].IsEmpty)
        {
            first++;
        }

        bool fits = entry.Unit >= (uint)geometry.DataUnit
            && entry.Unit + (long)entry.Units <= geometry.Units;
        if (fits && entries[first].IsEmpty)
        {
            entries[first] = entry;
        }
    }

    private async Task WriteAsync(Superblock superblock, DirectoryEntry[] entries)
    {
        await device.WriteAsync(0, superblock.ToBytes()).ConfigureAwait(false);
        await _directory.WriteAllAsync(entries).ConfigureAwait(false);
    }
}
