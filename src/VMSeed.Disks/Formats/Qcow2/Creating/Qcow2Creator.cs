using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Creating;

// A new image, cluster by cluster, as QEMU lays it out:
//
//   header · refcount table · refcount blocks · L1 table
//
// The header goes last, so that a file that was cut off is no image.
//
// A data file has each cluster at its place on the disk, and after a session that was closed it is
// the disk, byte for byte. The header does not promise it (autoclear bit 1, "raw external data"):
// after a loss of power bytes that no flush had asked for may lie in the data file while no entry
// names them, and the disk reads as zeros there. Only tables that name every cluster from the
// beginning could promise it, 128 MiB of them for a TiB.

/// <summary>Makes images.</summary>
internal static class Qcow2Creator
{
    /// <summary>A parent without a name still needs one: without, other programs would take the
    /// image for one that stands alone. No file has this name, so they refuse it instead.</summary>
    private const string NamelessParent = "unnamed-parent";

    /// <summary>Writes a new image.</summary>
    public static async ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        var shape = Qcow2Shape.Parse(request.Options);
        Qcow2Header header = Plan(
            shape,
            request.Options with { ParentFormat = request.ParentFormat },
            request.FileName);
        byte[] first = Qcow2HeaderBytes.Make(header);
        if (shape.HasDataFile)
        {
            await CreateDataAsync(request, header, cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(request.File, header, first, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The header of a new image, and so where all its tables lie.</summary>
    /// <param name="shape">What kind of image.</param>
    /// <param name="options">Its size and its parent.</param>
    /// <param name="fileName">What a data file is named after; null: a plain name.</param>
    public static Qcow2Header Plan(
        Qcow2Shape shape, VirtualDiskCreateOptions options, string? fileName)
    {
        Qcow2Geometry geometry = shape.Geometry;
        long size = FileTail.Align(options.Length, TablePage.SectorSize);
        long entries = geometry.L1Entries(size);
        if (entries > MaxL1Bytes / 8)
        {
            throw DiskFormatException.Unsupported(
                $"A qcow2 with clusters of {geometry.ClusterSize} bytes ends at "
                + $"{(MaxL1Bytes / 8L) << geometry.L2ReachBits} bytes, and {size} are wanted.");
        }

        (long tables, long blocks) = CountClusters(geometry, geometry.Clusters(entries * 8));
        return new Qcow2Header
        {
            Version = shape.Version,
            Geometry = geometry,
            Size = size,
            CountTableOffset = geometry.ClusterSize,
            CountTableClusters = (int)tables,
            L1Offset = (1 + tables + blocks) << geometry.ClusterBits,
            L1Size = (int)entries,
            Incompatible = shape.Features,
            Compatible = shape.IsLazy ? 1UL : 0,
            Autoclear = 0, // Not "raw external data": see above.
            Compression = shape.Compression,
            Extensions = Names(shape, options, fileName),
        };
    }

    private static Qcow2Extensions Names(
        Qcow2Shape shape, VirtualDiskCreateOptions options, string? fileName)
    {
        bool isChild = options.Parent is not null || options.ParentName is not null;
        DiskFormat parent = options.ParentFormat ?? DiskFormat.Raw;
        return new Qcow2Extensions
        {
            BackingName = isChild ? options.ParentName ?? NamelessParent : null,
            BackingFormat = isChild ? Qcow2Parent.WordOf(parent) : null,
            DataFileName = shape.HasDataFile
                ? Path.GetFileName(fileName ?? "disk") + ".data" : null,
        };
    }

    /// <summary>How many clusters the refcounts of a new image need, which count their own too:
    /// each more may ask for another.</summary>
    /// <param name="geometry">The image's sizes.</param>
    /// <param name="others">Clusters beside the header's and theirs.</param>
    public static (long Tables, long Blocks) CountClusters(
        Qcow2Geometry geometry, long others)
    {
        int perBlockBits = new CountCodec(4).PerBlockBits(geometry.ClusterBits);
        long tables = 1;
        long blocks = 1;
        while (true)
        {
            long total = 1 + tables + blocks + others;
            long needed = (total + (1L << perBlockBits) - 1) >> perBlockBits;
            long neededTables = geometry.Clusters(needed * 8);
            if (needed <= blocks && neededTables <= tables)
            {
                return (tables, blocks);
            }

            (tables, blocks) = (Math.Max(tables, neededTables), Math.Max(blocks, needed));
        }
    }

    private static async ValueTask CreateDataAsync(
        CreateRequest request, Qcow2Header header, CancellationToken cancellationToken)
    {
        BlockDevice data = await request.Files
            .CreateAsync(header.Extensions.DataFileName!, cancellationToken).ConfigureAwait(false);
        await using (data.ConfigureAwait(false))
        {
            await data.SetLengthAsync(header.Size, cancellationToken).ConfigureAwait(false);
            await data.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask WriteAsync(
        BlockDevice file, Qcow2Header header, byte[] first, CancellationToken cancellationToken)
    {
        Qcow2Geometry geometry = header.Geometry;
        long l1 = geometry.Clusters(header.L1Size * 8L);
        long clusters = (header.L1Offset >> geometry.ClusterBits) + l1;
        await file.SetLengthAsync(clusters << geometry.ClusterBits, cancellationToken)
            .ConfigureAwait(false);
        long blocks = header.CountTableOffset
            + ((long)header.CountTableClusters << geometry.ClusterBits);
        byte[] table = new byte[(header.L1Offset - blocks) >> geometry.ClusterBits << 3];
        for (int i = 0; i < table.Length / 8; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(
                table.AsSpan(i * 8), blocks + ((long)i << geometry.ClusterBits));
        }

        byte[] counts = new byte[clusters * 2];
        for (int i = 0; i < clusters; i++)
        {
            counts[(2 * i) + 1] = 1;
        }

        await file.WriteAsync(header.CountTableOffset, table, cancellationToken)
            .ConfigureAwait(false);
        await file.WriteAsync(blocks, counts, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(0, first, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
