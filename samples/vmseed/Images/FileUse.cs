using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Tool.Images;

/// <summary>What a file occupies.</summary>
internal static class FileUse
{
    /// <summary>How long a file is, or all files of a folder are together: an image may be
    /// either.</summary>
    public static long LengthOf(string path) => Directory.Exists(path)
        ? new DirectoryInfo(path).EnumerateFiles().Sum(file => file.Length)
        : new FileInfo(path).Length;

    /// <summary>Bytes of a local file that are not holes; null for what is no local file.</summary>
    public static async Task<long?> OfAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        await using FileBlockDevice file =
            FileBlockDevice.Open(path, share: FileShare.ReadWrite);
        long bytes = 0;
        await foreach (Extent extent in file.ExtentsAsync(0, file.Length, cancellationToken))
        {
            bytes += extent.Kind == ExtentKind.Zero ? 0 : extent.Length;
        }

        return bytes;
    }
}
