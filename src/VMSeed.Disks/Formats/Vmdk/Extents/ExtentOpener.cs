using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using VMSeed.Disks.Formats.Vmdk.Grains;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>Opens extents of every kind.</summary>
/// <param name="files">Where their files come from.</param>
/// <param name="options">How the image is opened.</param>
/// <param name="epochs">What the disk's transfers enter.</param>
/// <param name="hasParent">Whether grains that are not there are a parent's.</param>
internal sealed class ExtentOpener(
    ExtentFiles files, VirtualDiskOptions options, TransferEpochs epochs, bool hasParent)
{
    /// <summary>Opens the extents that a descriptor names, one behind the other.</summary>
    /// <exception cref="DiskFormatException">One of them cannot be used, and why.</exception>
    public async ValueTask<VmdkExtent[]> OpenAllAsync(
        IReadOnlyList<VmdkExtentLine> lines, CancellationToken cancellationToken)
    {
        var extents = new VmdkExtent[lines.Count];
        long share = Math.Max(1, options.TableCacheSize / Math.Max(1, lines.Count));
        long start = 0;
        for (int i = 0; i < extents.Length; i++)
        {
            if (lines[i].Sectors > (long.MaxValue - start) / SectorSize)
            {
                throw DiskFormatException.Corrupt(
                    $"The VMDK's extents end past {long.MaxValue} bytes.");
            }

            extents[i] = await OpenAsync(lines[i], start, share, cancellationToken)
                .ConfigureAwait(false);
            start += extents[i].Length;
        }

        return extents;
    }

    /// <summary>Opens the sparse extent that a file is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="start">Where on the disk it begins, in bytes.</param>
    /// <param name="length">How much of it counts, in bytes.</param>
    /// <param name="cacheSize">What its tables may occupy.</param>
    /// <param name="canWrite">Whether it may be changed.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public async ValueTask<VmdkExtent> OpenSparseAsync(
        BlockDevice file,
        SparseHeader header,
        long start,
        long length,
        long cacheSize,
        bool canWrite,
        CancellationToken cancellationToken)
    {
        SparseExtent.CheckCapacity(header.Capacity, length);
        CheckWritable(
            canWrite,
            !header.IsCompressed && header.Version < SparseHeader.CompressedVersion,
            "a compressed one, or one of version 3, is written from its beginning to its end only");
        long[] directory = await ExtentDirectories
            .ReadFirstAsync(file, header, cancellationToken).ConfigureAwait(false);
        var pages = new TablePages(file, cacheSize);
        var shape = new GrainShape(header.GrainSize, header.EntriesPerTable, sizeof(uint))
        {
            HasZeroGrains = header.HasZeroGrains,
        };
        if (header.IsCompressed)
        {
            return new PackedExtent(
                start, length, file, pages, directory, shape, header.HasMarkers);
        }

        var tables = new GrainTables(
            directory,
            await ExtentDirectories.ReadSecondAsync(file, header, cancellationToken)
                .ConfigureAwait(false));
        return new SparseExtent(start, length, file, pages, tables, shape)
        {
            Header = header,
            Writer = canWrite
                ? new GrainWriter(file, header, pages, tables, shape, epochs, hasParent)
                : null,
        };
    }

    private async ValueTask<VmdkExtent> OpenAsync(
        VmdkExtentLine line, long start, long cacheSize, CancellationToken cancellationToken)
    {
        long length = line.Sectors * SectorSize;
        if (line.Access == VmdkAccess.None)
        {
            return new BarredExtent(start, length);
        }

        switch (line.Type)
        {
            case "ZERO":
                return new ZeroExtent(start, length);
            case "FLAT" or "VMFS":
                BlockDevice flat = await OpenFileAsync(line, isShared: true, cancellationToken)
                    .ConfigureAwait(false);
                return OpenFlat(line, flat, start, length);
            case "SPARSE" or "VMFSSPARSE" or "SESPARSE":
                BlockDevice file = await OpenFileAsync(line, isShared: false, cancellationToken)
                    .ConfigureAwait(false);
                return await OpenSparseAsync(file, line, start, cacheSize, cancellationToken)
                    .ConfigureAwait(false);
            default:
                throw DiskFormatException.Unsupported(
                    $"The VMDK has an extent of type {line.Type}; devices of the host are not "
                    + "opened.");
        }
    }

    private ValueTask<BlockDevice> OpenFileAsync(
        VmdkExtentLine line, bool isShared, CancellationToken cancellationToken)
    {
        return files.OpenAsync(
            line.FileName ?? throw DiskFormatException.Corrupt(
                $"The VMDK's descriptor names no file for an extent of type {line.Type}."),
            CanWrite(line) ? FileAccess.ReadWrite : FileAccess.Read,
            isShared,
            cancellationToken);
    }

    private static FlatExtent OpenFlat(
        VmdkExtentLine line, BlockDevice file, long start, long length)
    {
        if (line.FileSector > file.Length / SectorSize
            || length > file.Length - (line.FileSector * SectorSize))
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's extent '{line.FileName}' has {file.Length} bytes; the descriptor "
                + $"claims {length} from sector {line.FileSector}.");
        }

        return new FlatExtent(start, length, file, line.FileSector * SectorSize);
    }

    private async ValueTask<VmdkExtent> OpenSparseAsync(
        BlockDevice file,
        VmdkExtentLine line,
        long start,
        long cacheSize,
        CancellationToken cancellationToken)
    {
        long length = line.Sectors * SectorSize;
        bool canWrite = CanWrite(line);
        byte[] head = new byte[Math.Min(CowdHeader.Length, file.Length)];
        await file.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        if (SparseHeader.Recognizes(head))
        {
            return await OpenSparseAsync(
                file,
                SparseHeader.Parse(head),
                start,
                length,
                cacheSize,
                canWrite,
                cancellationToken)
                .ConfigureAwait(false);
        }

        CheckWritable(canWrite, false, "those of ESX's snapshots are read only");

        if (CowdHeader.Recognizes(head))
        {
            return await OpenCowdAsync(
                file, CowdHeader.Parse(head), start, length, cacheSize, cancellationToken)
                .ConfigureAwait(false);
        }

        return SeSparseHeader.Recognizes(head)
            ? await SeSparseExtent.OpenAsync(start, length, file, cacheSize, cancellationToken)
                .ConfigureAwait(false)
            : throw DiskFormatException.Corrupt(
                $"The VMDK's extent '{line.FileName}' is of type {line.Type}, and begins as none.");
    }

    private static async ValueTask<VmdkExtent> OpenCowdAsync(
        BlockDevice file,
        CowdHeader header,
        long start,
        long length,
        long cacheSize,
        CancellationToken cancellationToken)
    {
        SparseExtent.CheckCapacity(header.Capacity, length);
        long[] directory = await GrainDirectory
            .ReadAsync(file, header.Directory, header.TableCount, cancellationToken)
            .ConfigureAwait(false);
        return new SparseExtent(
            start,
            length,
            file,
            new TablePages(file, cacheSize),
            new GrainTables(directory, null),
            new GrainShape(header.GrainSize, CowdHeader.EntriesPerTable, sizeof(uint)));
    }

    private bool CanWrite(VmdkExtentLine line) =>
        options.CanWrite && line.Access == VmdkAccess.ReadWrite;

    private static void CheckWritable(bool canWrite, bool isPossible, string otherwise)
    {
        if (canWrite && !isPossible)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK has an extent that cannot be changed: {otherwise}.");
        }
    }
}
