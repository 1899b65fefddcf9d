using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhdx.Tables;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>What a file whose log is done says of itself.</summary>
internal sealed record VhdxContents
{
    public required VhdxRegion Log { get; init; }

    public required VhdxRegions Regions { get; init; }

    public required VhdxGeometry Geometry { get; init; }

    public required Guid DiskId { get; init; }

    /// <summary>Whether blocks stay where they are: a fixed disk.</summary>
    public required bool IsFixed { get; init; }

    /// <summary>Where the file has the disk's size.</summary>
    public required long SizeOffset { get; init; }

    /// <summary>Null when the disk stands alone.</summary>
    public VhdxParentLocator? Parent { get; init; }

    /// <summary>Reads regions and metadata.</summary>
    /// <exception cref="DiskFormatException">They contradict themselves, or require what is not
    /// known.</exception>
    public static async ValueTask<VhdxContents> ReadAsync(
        BlockDevice file, VhdxHeader header, CancellationToken cancellationToken)
    {
        var log = new VhdxRegion(Guid.Empty, header.LogOffset, header.LogLength, false);
        VhdxRegions regions = await VhdxRegions.ReadAsync(file, log, cancellationToken)
            .ConfigureAwait(false);
        VhdxMetadata metadata = await VhdxMetadata
            .ReadAsync(file, regions.Metadata, cancellationToken).ConfigureAwait(false);

        async ValueTask<byte[]> Item(Guid id, int length) =>
            await metadata.ReadItemAsync(id, length, cancellationToken).ConfigureAwait(false);

        byte[] parameters = await Item(FileParameters, 8).ConfigureAwait(false);
        byte[] size = await Item(VirtualDiskSize, 8).ConfigureAwait(false);
        byte[] sector = await Item(LogicalSectorSize, 4).ConfigureAwait(false);
        byte[] id = await Item(VirtualDiskId, 16).ConfigureAwait(false);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(parameters.AsSpan(4));
        var geometry = new VhdxGeometry
        {
            DiskSize = BinaryPrimitives.ReadInt64LittleEndian(size),
            BlockSize = BinaryPrimitives.ReadInt32LittleEndian(parameters),
            SectorSize = BinaryPrimitives.ReadInt32LittleEndian(sector),
            HasParent = (flags & HasParent) != 0,
            Bat = regions.Bat,
        };
        geometry.Check();
        return new VhdxContents
        {
            Log = log,
            Regions = regions,
            Geometry = geometry,
            DiskId = new Guid(id),
            IsFixed = (flags & LeaveBlocksAllocated) != 0,
            SizeOffset = metadata.OffsetOf(VirtualDiskSize),
            Parent = geometry.HasParent
                ? VhdxParentLocator.Parse(await Item(ParentLocator, 0).ConfigureAwait(false))
                : null,
        };
    }
}
