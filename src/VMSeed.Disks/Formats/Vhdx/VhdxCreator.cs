using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Formats.Vhdx.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx;

// As Windows lays new files out, from MiB to MiB: headers, log, metadata, table, blocks. So does
// the metadata have its items in Windows' order.

/// <summary>Makes new images.</summary>
internal static class VhdxCreator
{
    private const long LogOffset = 1 * MiB;
    private const long MetadataOffset = 2 * MiB;
    private const long BatOffset = 3 * MiB;

    // A piece of a fixed disk's table: 8,192 entries.
    private const int Piece = 64 << 10;

    public static async ValueTask RunAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        VirtualDiskCreateOptions options = request.Options;
        bool isFixed = IsFixed(options);
        VhdxGeometry geometry = Plan(options);
        VhdxRegion[] regions =
        [
            geometry.Bat, new(MetadataRegion, MetadataOffset, MiB, IsRequired: true),
        ];
        VhdxParentLocator? parent = options.Parent is null ? null : VhdxParentLocator.New(
            request.ParentIdentity?.ContentId ?? Guid.Empty, options.ParentName);
        BlockDevice file = request.File;
        long end = geometry.Bat.End + (isFixed ? geometry.BlockCount * geometry.BlockSize : 0);
        await file.SetLengthAsync(end, cancellationToken).ConfigureAwait(false);
        await WriteHeadersAsync(file, regions, options, cancellationToken).ConfigureAwait(false);
        byte[] metadata = VhdxMetadataWriter.Write(geometry, isFixed, options.NewGuid(), parent);
        await file.WriteAsync(MetadataOffset, metadata, cancellationToken).ConfigureAwait(false);
        if (isFixed)
        {
            await WriteFullTableAsync(file, geometry, cancellationToken).ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool IsFixed(VirtualDiskCreateOptions options) => options.Variant switch
    {
        "fixed" when options.Parent is null => true,
        "dynamic" when options.Parent is null => false,
        "differencing" when options.Parent is not null => false,
        null => false,
        _ => throw DiskFormatException.Unsupported(
            $"A VHDX cannot be '{options.Variant}' here; it is fixed or dynamic without a parent, "
            + "differencing with one."),
    };

    private static VhdxGeometry Plan(VirtualDiskCreateOptions options)
    {
        int blockSize = options.BlockSize ?? DefaultBlockSize;
        if (options.SectorSize is not (512 or 4096) || !BitOperations.IsPow2(blockSize)
            || blockSize is < LeastBlockSize or > GreatestBlockSize
            || options.Length > GreatestDiskSize)
        {
            throw DiskFormatException.Unsupported(
                $"A VHDX of {options.Length} bytes in blocks of {blockSize} and sectors of "
                + $"{options.SectorSize} cannot be made: at most {GreatestDiskSize} bytes, blocks "
                + $"of a power of two from {LeastBlockSize} to {GreatestBlockSize}, sectors of 512 "
                + "or 4096.");
        }

        var geometry = new VhdxGeometry
        {
            DiskSize = FileTail.Align(options.Length, options.SectorSize),
            BlockSize = blockSize,
            SectorSize = options.SectorSize,
            HasParent = options.Parent is not null,
            Bat = new VhdxRegion(BatRegion, BatOffset, 0, IsRequired: true),
        };
        long length = FileTail.Align(Math.Max(1, geometry.EntryCount * BatEntry.Size), MiB);
        return geometry with { Bat = geometry.Bat with { Length = length } };
    }

    private static async ValueTask WriteHeadersAsync(
        BlockDevice file,
        VhdxRegion[] regions,
        VirtualDiskCreateOptions options,
        CancellationToken cancellationToken)
    {
        byte[] identifier = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(identifier, FileSignature);
        Encoding.Unicode.GetBytes("VMSeed").CopyTo(identifier.AsSpan(CreatorOffset));
        await file.WriteAsync(0, identifier, cancellationToken).ConfigureAwait(false);
        var header = new VhdxHeader
        {
            Sequence = 1,
            FileWriteId = options.NewGuid(),
            DataWriteId = options.NewGuid(),
            LogId = Guid.Empty,
            LogVersion = 0,
            LogOffset = LogOffset,
            LogLength = MiB,
        };
        await file.WriteAsync(FirstHeaderOffset, header.ToBytes(), cancellationToken)
            .ConfigureAwait(false);
        await file.WriteAsync(
            SecondHeaderOffset, (header with { Sequence = 2 }).ToBytes(), cancellationToken)
            .ConfigureAwait(false);
        byte[] table = VhdxRegions.ToBytes(regions);
        await file.WriteAsync(FirstRegionTableOffset, table, cancellationToken)
            .ConfigureAwait(false);
        await file.WriteAsync(SecondRegionTableOffset, table, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async ValueTask WriteFullTableAsync(
        BlockDevice file, VhdxGeometry geometry, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[Piece];
        long payload = geometry.Bat.End;
        for (long first = 0; first < geometry.EntryCount; first += Piece / BatEntry.Size)
        {
            int count = (int)Math.Min(Piece / BatEntry.Size, geometry.EntryCount - first);
            for (int i = 0; i < count; i++)
            {
                bool isBitmap =
                    (first + i) % (geometry.ChunkRatio + 1) == geometry.ChunkRatio;
                BatEntry entry = isBitmap ? default : new(BlockState.Present, payload);
                payload += isBitmap ? 0 : geometry.BlockSize;
                BinaryPrimitives.WriteUInt64LittleEndian(
                    piece.AsSpan(i * BatEntry.Size), entry.Value);
            }

            await file.WriteAsync(
                geometry.Bat.Offset + (first * BatEntry.Size),
                piece.AsMemory(0, count * BatEntry.Size),
                cancellationToken).ConfigureAwait(false);
        }
    }
}
