using VMSeed.Blocks;

namespace VMSeed.Tool.Images;

/// <summary>Tells heads of published images from disk images.</summary>
internal static class HeadMark
{
    /// <summary>Heads are at most 64 KiB; what is longer is none.</summary>
    private const long GreatestHead = 64 * 1024;

    /// <summary>Whether an address says itself that it is a head's.</summary>
    public static bool IsIn(string address) =>
        address.Contains("#RW", StringComparison.Ordinal)
        || (address.EndsWith(".vmseed", StringComparison.Ordinal) && !File.Exists(address));

    /// <summary>Whether a file begins as heads do.</summary>
    public static async ValueTask<bool> IsAtAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        if (file.Length is 0 or > GreatestHead)
        {
            return false;
        }

        byte[] start = new byte[file.Length];
        await file.ReadAsync(0, start, cancellationToken);
        return start[0] == (byte)'{' && start.AsSpan().IndexOf("\"vmseed-head\""u8) > 0;
    }
}
