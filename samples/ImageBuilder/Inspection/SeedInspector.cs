using VMSeed.Blocks;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;
using VMSeed.Disks;
using VMSeed.Disks.Converting;
using VMSeed.ImageBuilder.Archives;
using VMSeed.ImageBuilder.BootDisk;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Inspection;

// A seed is looked into from outside, while nobody uses it: nothing on it is changed, not even the
// mark that a file system is mounted. A guest has written to it since it was built, so every byte
// is a stranger's.

/// <summary>Looks into seeds, new ones and grown ones.</summary>
public static class SeedInspector
{
    /// <summary>Far more than the heads of a hundred images have.</summary>
    private const long MaxConfiguration = 16L << 20;

    /// <summary>Reads what a seed holds.</summary>
    /// <param name="disk">The seed's disk, open to be read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it holds.</returns>
    /// <exception cref="ImageBuilderException">The disk is no seed, or a damaged one.</exception>
    public static async Task<SeedContents> ReadAsync(
        BlockDevice disk, CancellationToken cancellationToken = default)
    {
        GptTable table = await GptReader.ReadAsync(disk, cancellationToken)
            ?? throw Damaged("it has no partition table (GPT)");
        SeedDescription description = await ReadDescriptionAsync(
            Find(disk, table, SeedLayout.Boot), cancellationToken);
        List<SeedPartition> partitions = [];
        foreach (GptPartition partition in table.Partitions)
        {
            partitions.Add(new SeedPartition(
                partition.Name,
                partition.Offset,
                partition.Length,
                await CountAsync(disk, partition, cancellationToken)));
        }

        List<SeededImage> images = [];
        foreach (ImageDescription image in description.Images)
        {
            images.Add(await ReadImageAsync(image, cancellationToken));
        }

        return new SeedContents(
            description.Disk,
            description.Created,
            images,
            partitions,
            await ReadCacheAsync(Find(disk, table, SeedLayout.Cache), cancellationToken),
            await ChangesFileSystem.ReadAsync(
                Find(disk, table, SeedLayout.Changes), cancellationToken));
    }

    private static PartitionDevice Find(BlockDevice disk, GptTable table, string name)
    {
        GptPartition partition = table.Find(name)
            ?? throw Damaged($"it has no partition {name}");
        return new PartitionDevice(disk, partition);
    }

    private static async Task<long> CountAsync(
        BlockDevice disk, GptPartition partition, CancellationToken cancellationToken)
    {
        long bytes = 0;
        await foreach (Extent extent in disk.ExtentsAsync(
            partition.Offset, partition.Length, cancellationToken))
        {
            bytes += extent.Kind == ExtentKind.Data ? extent.Length : 0;
        }

        return bytes;
    }

    // mtools reads files alone, so the partition becomes one: what is allocated of it, that is.
    private static async Task<SeedDescription> ReadDescriptionAsync(
        BlockDevice boot, CancellationToken cancellationToken)
    {
        using WorkFolder folder = new();
        string copy = folder["boot.fat"];
        await using (FileBlockDevice file = FileBlockDevice.Create(copy, boot.Length))
        {
            await DiskConverter.CopyAsync(
                boot,
                file,
                new DiskCopyOptions { TargetContent = CopyTargetContent.Zeros },
                cancellationToken: cancellationToken);
        }

        FatVolume volume = new(copy, 0, boot.Length, DateTimeOffset.UnixEpoch);
        string configuration = folder["config.img"];
        await volume.ReadAsync("/vmseed/config.img", configuration, cancellationToken);
        if (new FileInfo(configuration).Length > MaxConfiguration)
        {
            throw Damaged($"its configuration has more than {MaxConfiguration} bytes");
        }

        try
        {
            byte[] archive = await File.ReadAllBytesAsync(configuration, cancellationToken);
            return SeedDescription.Read(CpioReader.Find(archive, SeedDescription.Path).Span);
        }
        catch (InvalidDataException fault)
        {
            throw Damaged(fault.Message.TrimEnd('.'), fault);
        }
    }

    // The head is at hand, so nobody is asked for it.
    private static async Task<SeededImage> ReadImageAsync(
        ImageDescription image, CancellationToken cancellationToken)
    {
        LazyDiskOptions options = new()
        {
            PublicKeys = [.. image.Keys.Select(key => PublicKey.Parse(key))],
            SignedHead = image.Head,
            CacheDirectory = null,
            StateDirectory = null,
        };
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            image.Url, options, cancellationToken);
        return new SeededImage(image.Name, image.Url, image.Version, disk.Head);
    }

    private static async Task<BlockCacheStatistics> ReadCacheAsync(
        BlockDevice partition, CancellationToken cancellationToken)
    {
        await using BlockCache cache = await BlockCache.OpenDeviceAsync(
            partition,
            new BlockCacheOptions { Compress = true },
            cancellationToken: cancellationToken);
        return await cache.GetStatisticsAsync(cancellationToken);
    }

    private static ImageBuilderException Damaged(string fact, Exception? inner = null) =>
        new(ImageBuilderFault.Damaged, $"The disk is no seed that can be read: {fact}.", inner);
}
