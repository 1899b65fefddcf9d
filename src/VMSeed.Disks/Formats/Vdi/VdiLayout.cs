using System.Numerics;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>Where the parts of a new VDI lie.</summary>
internal static class VdiLayout
{
    /// <summary>The header of a new image; <see cref="DiskFormatException"/> where the format has
    /// no such image.</summary>
    public static VdiHeader New(VirtualDiskCreateOptions options)
    {
        int blockSize = options.BlockSize ?? DefaultBlockSize;
        if (!BitOperations.IsPow2(blockSize)
            || blockSize is < LeastBlockSize or > GreatestBlockSize)
        {
            throw DiskFormatException.Unsupported(
                $"A VDI's block size of {blockSize} must be a power of two from "
                + $"{LeastBlockSize} to {GreatestBlockSize}.");
        }

        long size = FileTail.Align(options.Length, 512);
        long count = FileTail.Align(size, blockSize) / blockSize;
        long end = FileTail.Align(Alignment + (4 * count), Alignment);
        if (count > int.MaxValue || end > uint.MaxValue)
        {
            throw DiskFormatException.Unsupported(
                $"A VDI of {size} bytes has {count} blocks; the format ends at {int.MaxValue}.");
        }

        return new VdiHeader
        {
            Type = Dynamic,
            MapOffset = Alignment,
            DataOffset = end,
            DiskSize = size,
            BlockSize = blockSize,
            BlockCount = (int)count,
            CreateId = options.NewGuid(),
            ModifyId = options.NewGuid(),
        };
    }
}
