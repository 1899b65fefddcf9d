using System.Globalization;

namespace VMSeed.Fuse.Mounting;

/// <summary>How far the kernel reads ahead on a mount.</summary>
/// <remarks>FUSE_INIT can lower the kernel's 128 KiB, but not raise it; the backing-device entry in
/// sysfs can,
/// for root.</remarks>
internal static class ReadAhead
{
    /// <summary>Sets it.</summary>
    /// <returns>Null, or why it stays at the kernel's default.</returns>
    public static string? TrySet(string device, int length)
    {
        try
        {
            File.WriteAllText(
                $"/sys/class/bdi/{device}/read_ahead_kb",
                (length / 1024).ToString(CultureInfo.InvariantCulture));
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return failure.Message;
        }
    }
}
