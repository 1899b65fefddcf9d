namespace VMSeed.Guest.Hardware;

/// <summary>The seed disk and its partitions (docs/SEED-DISK.md, section 1).</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Boot">The device of the partition that GRUB reads.</param>
/// <param name="Cache">The device of the cache.</param>
/// <param name="Changes">The device of the user's changes.</param>
internal sealed record SeedDisk(SystemDisk Disk, string Boot, string Cache, string Changes)
{
    private const string BootName = "vmseed-boot";
    private const string CacheName = "vmseed-cache";
    private const string ChangesName = "vmseed-changes";

    /// <summary>Looks for the disk.</summary>
    /// <param name="blocks">What the kernel knows.</param>
    /// <param name="guid">The GUID of its GPT.</param>
    /// <returns>Null where no disk has that GUID and all three partitions.</returns>
    public static SeedDisk? TryFind(SystemBlocks blocks, Guid guid)
    {
        foreach (SystemDisk disk in blocks.FindDisks())
        {
            if (ReadGuid(disk) != guid) { continue; }

            IReadOnlyDictionary<string, string> found = blocks.FindPartitions(disk);
            if (found.TryGetValue(BootName, out string? boot)
                && found.TryGetValue(CacheName, out string? cache)
                && found.TryGetValue(ChangesName, out string? changes))
            {
                return new SeedDisk(disk, boot, cache, changes);
            }
        }

        return null;
    }

    private static Guid? ReadGuid(SystemDisk disk)
    {
        byte[] start = new byte[PartitionTable.Size];
        try
        {
            using FileStream stream = File.OpenRead(disk.Device);
            stream.ReadExactly(start);
            return PartitionTable.FindGuid(start);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // An empty drive, or one that is not ready yet.
        }
    }
}
