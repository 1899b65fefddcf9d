using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Testing.Devices;

/// <summary>Copies a device and leaves out what its map calls zeros.</summary>
public static class SparseCopy
{
    // The chunk of a device in memory.
    private const int BufferLength = 64 * 1024;

    /// <summary>Copies into memory.</summary>
    public static async Task<MemoryBlockDevice> OfAsync(BlockDevice source)
    {
        MemoryBlockDevice copy = new(source.Length);
        await ToAsync(source, copy);
        return copy;
    }

    /// <summary>Copies into a device that is as long and reads as zeros.</summary>
    public static async Task ToAsync(BlockDevice source, BlockDevice target)
    {
        byte[] buffer = new byte[BufferLength];
        await foreach (Extent extent in source.ExtentsAsync(0, source.Length))
        {
            for (long at = extent.Offset;
                extent.Kind != ExtentKind.Zero && at < extent.End;
                at += buffer.Length)
            {
                Memory<byte> part = buffer.AsMemory(
                    0, (int)Math.Min(buffer.Length, extent.End - at));
                await source.ReadAsync(at, part);
                await target.WriteAsync(at, part);
            }
        }
    }
}
