using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Headers;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>The directories of a hosted sparse extent, wherever its header says.</summary>
internal static class ExtentDirectories
{
    /// <summary>Reads the directory that counts.</summary>
    /// <exception cref="DiskFormatException">There is none.</exception>
    public static async ValueTask<long[]> ReadFirstAsync(
        BlockDevice file, SparseHeader header, CancellationToken cancellationToken)
    {
        long place = header.Directory == SparseHeader.DirectoryInFooter
            ? await FooterDirectoryAsync(file, header, cancellationToken).ConfigureAwait(false)
            : header.Directory;
        return await GrainDirectory
            .ReadAsync(file, place, header.TableCount, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the second directory.</summary>
    /// <returns>Null where there is none that can be read.</returns>
    public static async ValueTask<long[]?> ReadSecondAsync(
        BlockDevice file, SparseHeader header, CancellationToken cancellationToken)
    {
        if (!header.HasRedundancy || header.RedundantDirectory == 0)
        {
            return null;
        }

        try
        {
            return await GrainDirectory.ReadAsync(
                file, header.RedundantDirectory, header.TableCount, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (DiskFormatException)
        {
            // The first copy is enough to read everything; a check names what is wrong.
            return null;
        }
    }

    private static async ValueTask<long> FooterDirectoryAsync(
        BlockDevice file, SparseHeader header, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[SparseHeader.Length];
        long place = file.Length - (2L * SectorSize);
        if (place < SectorSize)
        {
            throw DiskFormatException.Corrupt("The VMDK ends before its footer: it is incomplete.");
        }

        await file.ReadAsync(place, bytes, cancellationToken).ConfigureAwait(false);
        if (!SparseHeader.Recognizes(bytes))
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK has no footer at {place}, where its header says its tables are named: "
                + "it is incomplete.");
        }

        var footer = SparseHeader.Parse(bytes);
        return footer.Capacity == header.Capacity && footer.GrainSectors == header.GrainSectors
            && footer.EntriesPerTable == header.EntriesPerTable
            ? footer.Directory
            : throw DiskFormatException.Corrupt("The VMDK's footer contradicts its header.");
    }
}
