using System.Security.Cryptography;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks;
using VMSeed.Disks.Converting;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Seeds;

// What each format allocates at once is the least that the format's own product is known to take,
// for the file ends up to one such unit behind each part of the disk that is written:
//   * VMDK 64 KiB and QCOW2 64 KiB: what VMware and QEMU make themselves; a VMDK's tables are there
//     from the beginning, 2 MiB of them, so they have no second copy;
//   * VDI 1 MiB and Parallels 1 MiB: likewise, VirtualBox and Parallels Desktop make no others;
//   * VHD 2 MiB, which the specification names as the default, and which Virtual PC expects;
//   * VHDX 1 MiB: the least that [MS-VHDX], section 2.6.2.1, allows. Hyper-V's own have 32 MiB.

/// <summary>Writes a seed as an image of any format.</summary>
public static class SeedWriter
{
    private const int Mebibyte = 1 << 20;

    /// <summary>Writes a seed as a disk image.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="path">The file to make; nothing may be there yet.</param>
    /// <param name="format">The image's format.</param>
    /// <param name="progress">Hears of every piece.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The file. On a failure, and when the work is given up, none remains.</returns>
    /// <exception cref="Disks.Binary.DiskFormatException">The format has no such
    /// disk.</exception>
    public static async Task<SeedFile> WriteAsync(
        Seed seed,
        string path,
        DiskFormat format,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        DerivedIdentifiers identifiers = new(seed.Table.DiskId, format.ToString());
        VirtualDiskCreateOptions options = new()
        {
            Format = format,
            Length = seed.Disk.Length,
            BlockSize = format == DiskFormat.Vhdx ? Mebibyte : null,
            HasTableCopies = false,
            Time = new FixedTime(seed.Created),
            NewGuid = identifiers.Next,
        };
        await DiskConverter.ConvertFileAsync(
            seed.Disk, path, options, progress, cancellationToken);
        return format == DiskFormat.Raw
            ? new SeedFile(path, await UsedAsync(seed.Disk, cancellationToken), null)
            : await DescribeAsync(path, cancellationToken);
    }

    /// <summary>Writes a seed as a raw disk in a sparse tar archive.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="path">The archive to make; nothing may be there yet.</param>
    /// <param name="progress">Hears of every piece.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The archive. On a failure, and when the work is given up, none remains.</returns>
    public static async Task<SeedFile> WriteTarAsync(
        Seed seed,
        string path,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        string name = Path.GetFileNameWithoutExtension(path) + ".raw";
        FileStream archive = new(path, FileMode.CreateNew, FileAccess.Write);
        try
        {
            await using (archive)
            {
                await SparseTar.WriteAsync(
                    seed.Disk, name, archive, seed.Created, progress, cancellationToken);
                archive.Flush(flushToDisk: true);
            }

            return await DescribeAsync(path, cancellationToken);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private static async Task<long> UsedAsync(
        BlockDevice disk, CancellationToken cancellationToken)
    {
        long used = 0;
        await foreach (Extent extent in disk.ExtentsAsync(0, disk.Length, cancellationToken))
        {
            used += extent.Kind == ExtentKind.Data ? extent.Length : 0;
        }

        return used;
    }

    private static async Task<SeedFile> DescribeAsync(
        string path, CancellationToken cancellationToken)
    {
        await using FileStream file = File.OpenRead(path);
        byte[] hash = await SHA256.HashDataAsync(file, cancellationToken);
        return new SeedFile(path, file.Length, Convert.ToHexStringLower(hash));
    }
}
