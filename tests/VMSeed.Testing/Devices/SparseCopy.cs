using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Testing.Devices;

/// <summary>Copies a device into memory and leaves out what its map calls zeros.</summary>
public static class SparseCopy
{
    // The chunk of a device in memory.
    private const int BufferLength = 64 * 1024;

    /// <summary>Makes the copy.</summary>
    public static async Task<MemoryBlockDevice> OfAsync(BlockDevice source)
    {
        MemoryBlockDevice copy = new(source.Length);
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
                await copy.WriteAsync(at, part);
            }
        }

        return copy;
    }
}
