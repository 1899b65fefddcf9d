namespace VMSeed.ImageBuilder.Partitions;

/// <summary>Where the parts of a seed lie (docs/SEED-DISK.md, section 1).</summary>
public static class SeedLayout
{
    /// <summary>The name of the partition of GRUB's core image.</summary>
    public const string Bios = "vmseed-bios";

    /// <summary>The name of the boot partition.</summary>
    public const string Boot = "vmseed-boot";

    /// <summary>The name of the cache partition.</summary>
    public const string Cache = "vmseed-cache";

    /// <summary>The name of the changes partition.</summary>
    public const string Changes = "vmseed-changes";

    private const long Mebibyte = 1L << 20;

    /// <summary>Behind the partition table; a multiple of 4 KiB.</summary>
    private const long BiosStart = 40 * 512;

    /// <summary>FAT32 begins at some 33 MiB with clusters of 512 bytes and at 65 MiB with 1 KiB;
    /// kernels of several images, and their newer versions beside them, need room. What is not used
    /// of it costs nothing.</summary>
    private const long BootLength = 128 * Mebibyte;

    /// <summary>Lays a seed out.</summary>
    /// <param name="diskId">The disk's identifier, from which those of the partitions
    /// follow.</param>
    /// <param name="size">The disk's size in bytes, from <see cref="SeedSize.Of"/>.</param>
    /// <returns>The table.</returns>
    public static GptTable Of(Guid diskId, long size)
    {
        long cache = Mebibyte + BootLength;

        // The second table takes the last mebibyte: partitions are whole ones.
        long end = (size / Mebibyte * Mebibyte) - Mebibyte;
        long half = (end - cache) / 2 / Mebibyte * Mebibyte;
        return new GptTable(
            diskId,
            [
                New(Bios, PartitionTypes.BiosBoot, BiosStart, Mebibyte),
                New(Boot, PartitionTypes.EfiSystem, Mebibyte, cache),
                New(Cache, PartitionTypes.BlockCache, cache, cache + half),
                New(Changes, PartitionTypes.LinuxData, cache + half, end),
            ]);

        GptPartition New(string name, Guid type, long start, long stop) =>
            new(name, type, DerivedIdentifiers.Of(diskId, name), start, stop - start);
    }
}
