using VMSeed.Blocks;

namespace VMSeed.Testing.Devices;

/// <summary>What a trimmed range reads as here: bytes that are nobody's.</summary>
internal static class Garbage
{
    /// <summary>Not zero, no table entry that makes sense, and easily seen in a dump.</summary>
    internal const byte Value = 0xD7;

    // Most trims are of one cluster. Where a whole disk is trimmed, its beginning is enough to
    // show who trusts it, and the rest stays sparse.
    private const long MaxFilled = 4 << 20;

    internal static async ValueTask FillAsync(BlockDevice device, long offset, long length)
    {
        byte[] garbage = new byte[Math.Min(length, MaxFilled)];
        garbage.AsSpan().Fill(Value);
        await device.WriteAsync(offset, garbage);
        await device.ZeroAsync(offset + garbage.Length, length - garbage.Length);
    }
}
