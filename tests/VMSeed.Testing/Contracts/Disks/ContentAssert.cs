using VMSeed.Blocks;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>Compares disks, and says where they differ instead of printing megabytes.</summary>
public static class ContentAssert
{
    /// <summary>Fails unless the device holds these bytes and no others.</summary>
    public static async Task HoldsAsync(BlockDevice device, ReadOnlyMemory<byte> expected) =>
        Same(expected, await ReadAsync(device));

    /// <summary>Fails unless the bytes are the same.</summary>
    public static void Same(
        ReadOnlyMemory<byte> expected,
        ReadOnlyMemory<byte> actual,
        long offset = 0,
        string when = "")
    {
        int at = expected.Span.CommonPrefixLength(actual.Span);
        if (at < Math.Max(expected.Length, actual.Length))
        {
            Assert.Fail(
                $"{when}At {offset + at} is {Show(actual.Span, at)} where "
                + $"{Show(expected.Span, at)} should be; {actual.Length} bytes were "
                + $"compared with {expected.Length}.");
        }
    }

    /// <summary>All bytes of a device.</summary>
    public static async Task<byte[]> ReadAsync(BlockDevice device)
    {
        byte[] all = new byte[device.Length];
        await device.ReadAsync(0, all);
        return all;
    }

    private static string Show(ReadOnlySpan<byte> bytes, int at) => at == bytes.Length
        ? "the end"
        : Convert.ToHexString(bytes[at..Math.Min(bytes.Length, at + 8)]);
}
