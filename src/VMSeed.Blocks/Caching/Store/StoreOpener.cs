using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Sharing;
using VMSeed.Blocks.Devices;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Opens a store: begins it, continues it, or joins others that have it open.</summary>
/// <remarks>
/// Who finds itself alone checks the whole directory first, whatever happened before, and drops
/// what cannot be true; a store that cannot be read is begun anew. Who joins trusts those who are
/// there. All of it happens under the store's lock.
/// </remarks>
/// <param name="options">The cache's options.</param>
/// <param name="logger">Told once of what is dropped.</param>
internal sealed class StoreOpener(BlockCacheOptions options, ILogger logger)
{
    // Bytes of a stored block for which the directory is made. A store of smaller ones fills up
    // before its disk space does; one of larger ones wastes 0.1 % of it.
    private const int AverageBlock = 32 * 1024;
    private const int AverageCompressedBlock = 16 * 1024;

    private int Average => options.Compress ? AverageCompressedBlock : AverageBlock;

    /// <summary>Opens a store in a file. The lock has been entered.</summary>
    /// <param name="path">The file.</param>
    /// <param name="storeLock">Its locks.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The store, and its mirror where it was checked.</returns>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public async Task<(OpenStore Store, StoreMirror? Mirror)> OpenFileUnsynchronizedAsync(
        string path, StoreLock storeLock, CancellationToken cancellationToken)
    {
        FileBlockDevice device = FileBlockDevice.Open(
            path,
            FileAccess.ReadWrite,
            FileMode.OpenOrCreate,
            FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (!storeLock.IsAlone())
            {
                return (await JoinAsync(device, storeLock).ConfigureAwait(false), null);
            }

            StoreGeometry geometry = StoreGeometry.OfFile(
                options.MaxBytes ?? BlockCacheOptions.DefaultMaxBytes, Average);
            Superblock superblock = await new StoreMaker(device, isFile: true, options.Time, logger)
                .ContinueOrBeginAsync(
                    geometry, keepsSize: options.MaxBytes is null, cancellationToken)
                .ConfigureAwait(false);
            ChangeJournal journal = new(device);
            SharedGuards.Remove(journal.ReadState().SharedName);
            Guid name = Guid.NewGuid();
            int slots = superblock.Geometry.MaxSlots;
            Guards? guards = SharedGuards.TryCreate(name, slots);
            OpenStore store = new(
                device, superblock, storeLock,
                guards ?? Guards.Private(slots, areShared: false), StoreAccess.Change)
            {
                SharedName = guards is null ? Guid.Empty : name,
                OwnsDevice = true,
            };
            return (store, Check(store, cancellationToken));
        }
        catch
        {
            await device.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a store on a device that no other process can open.</summary>
    /// <param name="device">The device.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The store and its mirror.</returns>
    public async Task<(OpenStore Store, StoreMirror? Mirror)> OpenDeviceAsync(
        BlockDevice device, CancellationToken cancellationToken)
    {
        StoreGeometry geometry = StoreGeometry.OfDevice(
            device.Length, Average, options.FirstPages);
        Superblock superblock = await new StoreMaker(device, isFile: false, options.Time, logger)
            .ContinueOrBeginAsync(geometry, keepsSize: false, cancellationToken)
            .ConfigureAwait(false);
        OpenStore store = new(
            device, superblock, StoreLock.None,
            Guards.Private(geometry.MaxSlots, areShared: true), StoreAccess.Change);
        return (store, Check(store, cancellationToken));
    }

    /// <summary>Opens a store that this process may not write to.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The store.</returns>
    /// <exception cref="IOException">There is no store that can be read.</exception>
    public static async Task<OpenStore> OpenReadOnlyAsync(string path)
    {
        FileBlockDevice device = FileBlockDevice.Open(
            path, FileAccess.Read, FileMode.Open, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return await OpenReadOnlyAsync(device, ownsDevice: true).ConfigureAwait(false);
        }
        catch
        {
            await device.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a store on a device that is only read.</summary>
    /// <param name="device">The device.</param>
    /// <param name="ownsDevice">Whether it is closed with the store.</param>
    /// <returns>The store.</returns>
    /// <exception cref="IOException">There is no store that can be read.</exception>
    public static async Task<OpenStore> OpenReadOnlyAsync(BlockDevice device, bool ownsDevice)
    {
        Superblock superblock = await ReadSuperblockAsync(device).ConfigureAwait(false);
        Guards guards = Guards.Private(superblock.Geometry.MaxSlots, areShared: false);
        return new(device, superblock, StoreLock.None, guards, StoreAccess.Read)
        {
            OwnsDevice = ownsDevice,
        };
    }

    private static async Task<OpenStore> JoinAsync(BlockDevice device, StoreLock storeLock)
    {
        Superblock superblock = await ReadSuperblockAsync(device).ConfigureAwait(false);
        (ulong _, Guid name) = new ChangeJournal(device).ReadState();
        int slots = superblock.Geometry.MaxSlots;
        Guards? guards = name == Guid.Empty ? null : SharedGuards.TryJoin(name, slots);
        StoreAccess access = name == Guid.Empty || guards is not null
            ? StoreAccess.Change
            : StoreAccess.Add; // The others trust generations that we cannot reach.
        guards ??= Guards.Private(slots, areShared: false);
        return new(device, superblock, storeLock, guards, access)
        {
            SharedName = name,
            OwnsDevice = true,
        };
    }

    private static async Task<Superblock> ReadSuperblockAsync(BlockDevice device)
    {
        byte[] unit = new byte[StoreGeometry.UnitBytes];
        if (device.Length >= unit.Length)
        {
            await device.ReadAsync(0, unit).ConfigureAwait(false);
        }

        return Superblock.TryParse(unit) is { } superblock
            && superblock.Geometry.Bytes <= device.Length
            ? superblock
            : throw new IOException($"{device} is no cache of version {Superblock.Version}.");
    }

    private StoreMirror Check(OpenStore store, CancellationToken cancellationToken)
    {
        StoreDirectory directory = new(store.Device);
        StoreLoader loader = new(store.Geometry, store.Salt, directory);
        loader.Read(cancellationToken);
        StoreMirror mirror = new(store.Geometry, store.Guards.Heat);
        IReadOnlyList<int> bad = loader.Fill(mirror);
        foreach (int slot in bad)
        {
            directory.Write(slot, default);
        }

        foreach ((uint _, int slot, DirectoryEntry entry) in loader.Sound)
        {
            store.Guards.Heat.Restore(slot, entry.Shape.Heat);
        }

        if (bad.Count > 0)
        {
            logger.LogWarning(
                "The cache {Store} dropped {Count} entries that were damaged or half written.",
                store.Device, bad.Count);
        }

        mirror.Seen = loader.Head;
        new ChangeJournal(store.Device).WriteState(loader.Head, store.SharedName);
        return mirror;
    }
}
