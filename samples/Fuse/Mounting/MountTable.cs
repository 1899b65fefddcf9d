using System.Text.RegularExpressions;

namespace VMSeed.Fuse.Mounting;

/// <summary>What is mounted where: /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
internal static partial class MountTable
{
    private const string Path = "/proc/self/mountinfo";

    /// <summary>The topmost mount at a path.</summary>
    /// <param name="mountPoint">An absolute path without symbolic links.</param>
    /// <returns>The mount, or null when the path is no mount point.</returns>
    public static MountEntry? Find(string mountPoint) => File.ReadLines(Path)
        .Select(Parse)
        .LastOrDefault(entry => entry.MountPoint == mountPoint);

    private static MountEntry Parse(string line)
    {
        // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-");
        return new MountEntry(
            fields[2], Unescape(fields[4]), fields[separator + 1], Unescape(fields[separator + 2]));
    }

    private static string Unescape(string field) => Octal().Replace(
        field,
        match => ((char)Convert.ToInt32(match.Value[1..], 8)).ToString());

    [GeneratedRegex(@"\\[0-7]{3}")]
    private static partial Regex Octal();
}
