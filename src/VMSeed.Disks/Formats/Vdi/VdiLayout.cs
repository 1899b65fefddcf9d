using System.Numerics;
using System.Text;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>Where the parts of a new VDI lie, and of one that grows.</summary>
internal static class VdiLayout
{
    private const int SectorSize = 512;

    /// <summary>The header of a new image.</summary>
    /// <exception cref="DiskFormatException">The format has no such image.</exception>
    public static VdiHeader New(CreateRequest request)
    {
        VirtualDiskCreateOptions options = request.Options;
        uint type = TypeOf(options);
        int blockSize = options.BlockSize ?? DefaultBlockSize;
        Require(
            BitOperations.IsPow2(blockSize)
                && blockSize is >= LeastBlockSize and <= GreatestBlockSize,
            $"has blocks of {blockSize} bytes; a power of two from {LeastBlockSize} to "
            + $"{GreatestBlockSize} is needed");
        Require(
            options.SectorSize == SectorSize,
            $"has sectors of {options.SectorSize} bytes; {SectorSize} is what there is");
        long most = (long)int.MaxValue * blockSize;
        Require(options.Length <= most, $"has {options.Length} bytes; {most} is the most");
        long size = FileTail.Align(options.Length, SectorSize);
        long count = FileTail.Align(size, blockSize) / blockSize;
        long end = FileTail.Align(Alignment + (sizeof(uint) * count), Alignment);
        Require(
            end <= uint.MaxValue,
            $"has {count} blocks; {uint.MaxValue / sizeof(uint)} is the most");
        string comment = VdiParent.Comment(options.Parent is null ? null : options.ParentName);
        Require(
            Encoding.UTF8.GetByteCount(comment) < CommentLength,
            $"notes so long a name of its parent as '{options.ParentName}'");
        Require(
            options.Parent is null || FileTail.Align(options.Parent.Length, SectorSize) == size,
            $"has {size} bytes and a parent of {options.Parent?.Length}; they must be equal");
        DiskIdentity parent = request.ParentIdentity ?? DiskIdentity.None;
        return new VdiHeader
        {
            Type = type,
            MapOffset = Alignment,
            DataOffset = end,
            DiskSize = size,
            BlockSize = blockSize,
            BlockCount = (int)count,
            Allocated = type == Fixed ? (int)count : 0,
            CreateId = options.NewGuid(),
            ModifyId = options.NewGuid(),
            LinkageId = parent.Id,
            ParentModifyId = parent.ContentId,
            Comment = comment,
        };
    }

    /// <summary>The header of the same image with a larger disk.</summary>
    /// <exception cref="NotSupportedException">It cannot have that size.</exception>
    /// <exception cref="DiskFormatException">Its map has no room.</exception>
    public static VdiHeader Grow(VdiHeader header, long length)
    {
        if (header.Type != Dynamic || length < header.DiskSize || length % SectorSize != 0)
        {
            throw new NotSupportedException(
                $"A VDI of {header.DiskSize} bytes cannot become one of {length} in place: only "
                + $"dynamic ones grow, and by whole sectors of {SectorSize} bytes; convert it.");
        }

        long most = (header.DataOffset - header.MapOffset) / sizeof(uint) * header.BlockSize;
        if (length > most)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"A VDI of {length} bytes is asked for; the map of this one has room for {most}.");
        }

        return header with
        {
            DiskSize = length,
            BlockCount = (int)Math.Max(
                header.BlockCount, FileTail.Align(length, header.BlockSize) / header.BlockSize),
        };
    }

    private static uint TypeOf(VirtualDiskCreateOptions options) =>
        (options.Variant, options.Parent) switch
        {
            (null or "dynamic", null) => Dynamic,
            ("fixed", null) => Fixed,
            (null or "differencing", not null) => Differencing,
            _ => throw DiskFormatException.Unsupported(
                $"A VDI {(options.Parent is null ? "without" : "over")} a parent cannot be "
                + $"'{options.Variant}'; it is 'dynamic' or 'fixed' without one, 'differencing' "
                + "over one."),
        };

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Unsupported($"No VDI {otherwise}.");
        }
    }
}
