using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Creation;

// In this order, as all products have it: header; descriptor, in an image of one file; the second
// directory and its tables; the directory and its tables; grains, from a multiple of their size on.
// Tables of zeros are holes of the file.

/// <summary>Where the parts of a new sparse extent lie.</summary>
internal static class SparseLayout
{
    /// <summary>Sectors that are kept for a descriptor: 20, as in VMware's images, so that products
    /// have room for lines of their own.</summary>
    public const int DescriptorSectors = 20;

    private const int EntriesPerTable = 512;
    private const int TableSectors = EntriesPerTable * sizeof(uint) / SectorSize;

    /// <summary>Writes a new extent, and makes it durable.</summary>
    /// <param name="file">An empty file.</param>
    /// <param name="sectors">What it is to hold.</param>
    /// <param name="grainSectors">What is allocated at once.</param>
    /// <param name="descriptor">The text that lies in it; null without one.</param>
    /// <param name="options">What kind of image it is of.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <exception cref="DiskFormatException">It would be too large.</exception>
    public static async ValueTask WriteAsync(
        BlockDevice file,
        long sectors,
        int grainSectors,
        byte[]? descriptor,
        VirtualDiskCreateOptions options,
        CancellationToken cancellationToken)
    {
        bool hasParent = VmdkCreator.HasParent(options);
        SparseHeader header = Plan(
            sectors, grainSectors, descriptor is not null, options.HasTableCopies) with
        {
            Version = hasParent ? SparseHeader.ZeroVersion : 1,
            HasZeroGrains = hasParent,
        };
        if (descriptor?.Length > DescriptorSectors * SectorSize)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK's descriptor would have {descriptor.Length} bytes; it has room for "
                + $"{DescriptorSectors * SectorSize}.");
        }

        await file.SetLengthAsync(header.Overhead * SectorSize, cancellationToken)
            .ConfigureAwait(false);
        await file.WriteAsync(0, header.ToBytes(), cancellationToken).ConfigureAwait(false);
        if (descriptor is not null)
        {
            await file.WriteAsync(SectorSize, descriptor, cancellationToken).ConfigureAwait(false);
        }

        long[] directories = header.HasRedundancy
            ? [header.RedundantDirectory, header.Directory]
            : [header.Directory];
        foreach (long directory in directories)
        {
            await file.WriteAsync(
                directory * SectorSize, Directory(directory, header.TableCount), cancellationToken)
                .ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static SparseHeader Plan(
        long sectors, int grainSectors, bool hasDescriptor, bool hasCopies)
    {
        long tables = hasDescriptor ? 1 + DescriptorSectors : 1;
        var header = new SparseHeader
        {
            Version = 1,
            Capacity = sectors,
            GrainSectors = grainSectors,
            EntriesPerTable = EntriesPerTable,
            DescriptorOffset = hasDescriptor ? 1 : 0,
            DescriptorSectors = hasDescriptor ? DescriptorSectors : 0,
            RedundantDirectory = hasCopies ? tables : 0,
            Directory = 0,
            HasRedundancy = hasCopies,
        };
        long copy = DirectorySectors(header.TableCount) + (header.TableCount * TableSectors);
        long directory = hasCopies ? tables + copy : tables;
        long overhead = FileTail.Align(directory + copy, grainSectors);
        return header.TableCount <= GreatestTableCount && overhead < uint.MaxValue
            ? header with { Directory = directory, Overhead = overhead }
            : throw DiskFormatException.Unsupported(
                $"A VMDK of {sectors} sectors in grains of {grainSectors} needs "
                + $"{header.TableCount} tables; at most {GreatestTableCount} are possible.");
    }

    private static byte[] Directory(long sector, long count)
    {
        byte[] bytes = new byte[count * sizeof(uint)];
        long first = sector + DirectorySectors(count);
        for (int table = 0; table < count; table++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(table * sizeof(uint)), (uint)(first + (table * TableSectors)));
        }

        return bytes;
    }

    private static long DirectorySectors(long count) =>
        FileTail.Align(count * sizeof(uint), SectorSize) / SectorSize;
}
