using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Boot;

/// <summary>Makes file systems of a folder's files with the programs that everybody makes them
/// with, and disks that have them in a partition.</summary>
internal static class GuestDisks
{
    public const long PartitionOffset = 1024 * 1024;

    /// <summary>Makes a file system.</summary>
    /// <returns>The file that it is in.</returns>
    public static async Task<string> MakeAsync(TempFolder folder, string type, string tree)
    {
        string file = folder[$"{type}.fs"];
        switch (type)
        {
            case "ext4":
                Sparse(file, 16);
                await PeerProgram.OutputAsync("mkfs.ext4", "-q", "-d", tree, file);
                break;
            case "btrfs":
                Sparse(file, 128);
                await PeerProgram.OutputAsync("mkfs.btrfs", "-q", "--rootdir", tree, file);
                break;
            case "xfs":
                Sparse(file, 320);
                await PeerProgram.OutputAsync(
                    "mkfs.xfs", "-q", "-p", WritePrototype(folder, tree), file);
                break;
            case "erofs":
                await PeerProgram.OutputAsync("mkfs.erofs", "-zlz4hc", file, tree);
                break;
            case "squashfs":
                await PeerProgram.OutputAsync(
                    "mksquashfs", tree, file, "-quiet", "-noappend", "-comp", "zstd");
                break;
            default:
                throw new ArgumentException($"{type} is not made here.", nameof(type));
        }

        return file;
    }

    /// <summary>Puts a file system into the partition of a new disk.</summary>
    /// <param name="folder">Where the disk is made.</param>
    /// <param name="fileSystem">The file system.</param>
    /// <param name="script">The table, as sfdisk reads it; the partition begins at
    /// <see cref="PartitionOffset"/>, or where the offset says.</param>
    /// <param name="offset">Where the partition begins, in bytes.</param>
    public static async Task<string> PartAsync(
        TempFolder folder, string fileSystem, string script, long offset = PartitionOffset)
    {
        string disk = folder["disk.raw"];
        await using (FileStream file = File.Create(disk))
        {
            file.Position = offset;
            await using FileStream content = File.OpenRead(fileSystem);
            await content.CopyToAsync(file);
            file.SetLength(file.Length + (2 * PartitionOffset));
        }

        string commands = folder.Write("table.sfdisk", System.Text.Encoding.ASCII.GetBytes(script));
        await PeerProgram.OutputAsync(
            "bash", "-c", $"sfdisk --quiet --no-reread --wipe never '{disk}' < '{commands}'");
        return disk;
    }

    /// <summary>Makes an ISO 9660 image of a folder.</summary>
    public static async Task<string> MakeIsoAsync(TempFolder folder, string tree)
    {
        string file = folder["live.iso"];
        await PeerProgram.OutputAsync(
            "xorriso", "-as", "mkisofs", "-quiet", "-J", "-r", "-o", file, tree);
        return file;
    }

    private static void Sparse(string path, int mebibytes)
    {
        using FileStream file = File.Create(path);
        file.SetLength(mebibytes * 1024L * 1024);
    }

    // mkfs.xfs(8), "-p protofile": a boot block's name and two numbers that nobody reads, then
    // names, modes and owners; a folder ends with a dollar sign.
    private static string WritePrototype(TempFolder folder, string tree)
    {
        List<string> lines = ["/", "0 0", "d--755 0 0"];
        AddPrototype(lines, tree);
        lines.Add("$");
        return folder.Write(
            "prototype", System.Text.Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"));
    }

    private static void AddPrototype(List<string> lines, string folder)
    {
        foreach (string path in Directory.GetFileSystemEntries(folder))
        {
            string name = Path.GetFileName(path);
            if (new FileInfo(path).LinkTarget is { } target)
            {
                lines.Add($"{name} l--777 0 0 {target}");
            }
            else if (Directory.Exists(path))
            {
                lines.Add($"{name} d--755 0 0");
                AddPrototype(lines, path);
                lines.Add("$");
            }
            else
            {
                lines.Add($"{name} ---644 0 0 {path}");
            }
        }
    }
}
