namespace VMSeed.Guest.Hardware;

/// <summary>The disks and partitions that the kernel knows.</summary>
/// <param name="System">Where /sys is mounted.</param>
/// <param name="Devices">Where device files are.</param>
internal sealed record SystemBlocks(string System = "/sys", string Devices = "/dev")
{
    private const long SectorSize = 512;

    /// <summary>Disks that may be a seed: what has sectors and is no memory, no loop.</summary>
    public IReadOnlyList<SystemDisk> FindDisks()
    {
        string folder = Path.Join(System, "block");
        return !Directory.Exists(folder) ? []
            : [.. Directory.EnumerateFileSystemEntries(folder)
                .Select(path => Look(Path.GetFileName(path)))
                .OfType<SystemDisk>()
                .OrderBy(disk => disk.Name, StringComparer.Ordinal)];
    }

    /// <summary>The partitions of a disk, by their GPT names.</summary>
    public IReadOnlyDictionary<string, string> FindPartitions(SystemDisk disk)
    {
        Dictionary<string, string> found = [];
        foreach (string folder in Directory.EnumerateDirectories(
            Path.Join(System, "block", disk.Name), $"{disk.Name}*"))
        {
            DeviceEvent partition = DeviceEvent.Read(Path.Join(folder, "uevent"));
            if (partition["PARTNAME"] is { } label && partition["DEVNAME"] is { } name)
            {
                found[label] = Path.Join(Devices, name);
            }
        }

        return found;
    }

    private SystemDisk? Look(string name)
    {
        string[] others = ["ram", "loop", "zram", "nbd", "fd", "dm-", "md"];
        if (Array.Exists(others, other => name.StartsWith(other, StringComparison.Ordinal)))
        {
            return null;
        }

        string folder = Path.Join(System, "block", name);
        return long.TryParse(ReadLine(Path.Join(folder, "size")), out long sectors) && sectors > 0
            ? new SystemDisk(
                name,
                Path.Join(Devices, name),
                sectors * SectorSize,
                ReadLine(Path.Join(folder, "device", "model"))
                    ?? Drivers.DriverOf(folder) ?? "disk")
            : null;
    }

    private static string? ReadLine(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (IOException)
        {
            return null; // The device has gone, or does not say.
        }
    }
}
