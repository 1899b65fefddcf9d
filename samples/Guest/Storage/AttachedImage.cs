using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Guest.Settings;
using VMSeed.Nbd;

namespace VMSeed.Guest.Storage;

/// <summary>The image as the kernel's block device, with the cache behind it.</summary>
internal sealed class AttachedImage : IAsyncDisposable
{
    /// <summary>The roles of boot files, and what they are called where they are put.</summary>
    public const string KernelRole = "kernel";

    public const string ModulesRole = "modules";

    private readonly BlockCache? _cache;
    private readonly BlockDevice? _partition;
    private readonly RemoteImage _image;
    private readonly NbdDevice _device;

    private AttachedImage(
        BlockCache? cache, BlockDevice? partition, RemoteImage image, NbdDevice device) =>
        (_cache, _partition, _image, _device) = (cache, partition, image, device);

    /// <summary>Opens the image and attaches it.</summary>
    public static async Task<AttachedImage> OpenAsync(
        SeedImage image, StorageOptions options, ConsoleQueue console, ILoggerFactory loggers)
    {
        (BlockCache? cache, BlockDevice? partition) = await OpenCacheAsync(options, loggers);
        RemoteImage remote = await RemoteImage.OpenAsync(image, options, cache, console, loggers);
        NbdDevice device = await NbdDevice.AttachAsync(
            options.Device,
            new BlockDeviceExport(image.Name, remote.Disk, readOnly: true),
            loggers.CreateLogger<NbdDevice>());
        string head = Path.Join(options.State, "booted.vmseed");
        await File.WriteAllBytesAsync(head, remote.Disk.SignedHead.ToArray());
        return new AttachedImage(cache, partition, remote, device);
    }

    public async Task<StorageStatus> LookAsync()
    {
        DiskStatistics numbers = _image.Disk.Statistics;
        ImageHead head = _image.Disk.Head;
        BlockCacheStatistics? cached =
            _cache is null ? null : await _cache.GetStatisticsAsync();
        return new StorageStatus
        {
            Phase = StoragePhase.Ready,
            Image = head.Name,
            Version = head.Version,
            Address = _image.Disk.Identity?.Address,
            Length = _image.Disk.Length,
            RootPartition = head.Boot?.Root?.Partition ?? 0,
            RootFileSystem = head.Boot?.Root?.FileSystem,
            Arguments = head.Boot?.Arguments,
            Kernel = FileOf(head, KernelRole)?.Digest.ToString(),
            Modules = FileOf(head, ModulesRole)?.Digest.ToString(),
            Requests = numbers.Requests,
            RequestedBytes = numbers.RequestedBytes,
            Hits = numbers.Hits,
            Misses = numbers.Misses,
            CachedBlocks = cached?.Blocks ?? 0,
            CacheUsed = cached?.UsedBytes ?? 0,
            CacheSize = cached?.MaxBytes ?? 0,
            NobodySince = _image.NobodySince,
            Mirrors = _image.Mirrors,
        };
    }

    /// <summary>Brings the whole disk into the cache.</summary>
    /// <param name="tell">Is told how much of how much is done, in bytes.</param>
    public async Task PrefetchAsync(Func<string, Task> tell)
    {
        // One step: what is told in between, and what is lost where it fails.
        const long step = 16 << 20;
        long length = _image.Disk.Length;
        for (long done = 0; done < length; done += step)
        {
            await tell($"{done} {length}");
            await _image.Disk.PrefetchAsync(done, Math.Min(step, length - done));
        }

        await tell($"{length} {length}");
    }

    /// <summary>Puts the version's kernel and modules into a folder, verified.</summary>
    public async Task SaveBootFilesAsync(string folder)
    {
        foreach (string role in (string[])[KernelRole, ModulesRole])
        {
            BootFile file = FileOf(_image.Disk.Head, role) ?? throw new IOException(
                $"Version {_image.Disk.Head.Version} has no boot file for the role {role}.");
            await File.WriteAllBytesAsync(
                Path.Join(folder, role), await _image.Disk.ReadBootFileAsync(file));
        }
    }

    /// <summary>Lets the device go, then the image, then the cache, which is flushed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        await _image.DisposeAsync();
        if (_cache is not null) { await _cache.DisposeAsync(); }

        if (_partition is not null) { await _partition.DisposeAsync(); }
    }

    private static BootFile? FileOf(ImageHead head, string role) =>
        head.Boot?.Files.FirstOrDefault(file => file.Role == role);

    private static async Task<(BlockCache? Cache, BlockDevice? Partition)> OpenCacheAsync(
        StorageOptions options, ILoggerFactory loggers)
    {
        if (options.Cache is not { } device) { return default; }

        FileBlockDevice partition = FileBlockDevice.Open(device, FileAccess.ReadWrite);
        BlockCache cache = await BlockCache.OpenDeviceAsync(
            partition,
            new BlockCacheOptions { Compress = true, MinFreeBytes = 0 },
            loggers.CreateLogger<BlockCache>());
        return (cache, partition);
    }
}
