namespace VMSeed.Guest.Booting.Changes;

/// <summary>Tells what somebody has changed from what a system changes by itself as soon as it
/// runs.</summary>
internal static class PersonalChanges
{
    // Files, and folders with all that is in them, that come by booting alone. What is missing here
    // costs an update that is not made by itself; what is here too much is laid over a newer
    // version, never lost.
    private static readonly string[] s_systems =
    [
        "/etc/machine-id", "/etc/hostname", "/etc/hosts", "/etc/fstab", "/etc/resolv.conf",
        "/etc/adjtime", "/etc/.updated", "/etc/.pwd.lock", "/etc/mtab", "/etc/ssh/ssh_host_",
        "/etc/ld.so.cache", "/etc/udev/hwdb.bin",
        "/run", "/tmp", "/proc", "/sys", "/dev",
        "/var/.updated", "/var/cache", "/var/lib/dbus", "/var/lib/dhcp", "/var/lib/logrotate",
        "/var/lib/NetworkManager", "/var/lib/private/systemd", "/var/lib/systemd",
        "/var/lib/urandom", "/var/lib/chrony", "/var/lib/ntpsec", "/var/lock", "/var/log",
        "/var/run", "/var/spool/anacron", "/var/tmp",
    ];

    /// <summary>Finds something that was changed by somebody.</summary>
    /// <param name="upper">overlayfs's upper folder.</param>
    /// <returns>Its path in the system; null where there is nothing. A folder counts only for what
    /// is in it.</returns>
    public static string? FindFirst(string upper) =>
        Directory.Exists(upper) ? FindFirst(upper, "") : null;

    private static string? FindFirst(string folder, string path)
    {
        foreach (string entry in Directory.EnumerateFileSystemEntries(folder))
        {
            string inner = $"{path}/{Path.GetFileName(entry)}";
            if (IsSystems(inner)) { continue; }

            FileAttributes attributes = File.GetAttributes(entry);
            bool isFolder = attributes.HasFlag(FileAttributes.Directory)
                && !attributes.HasFlag(FileAttributes.ReparsePoint);
            string? found = isFolder ? FindFirst(entry, inner) : inner;
            if (found is not null) { return found; }
        }

        return null;
    }

    private static bool IsSystems(string path) => Array.Exists(s_systems, known =>
        path.StartsWith(known, StringComparison.Ordinal)
        && (path.Length == known.Length || path[known.Length] == '/' || known[^1] == '_'));
}
