using System.IO.Compression;
using VMSeed.ImageBuilder.Tools;
using ZstdSharp;

namespace VMSeed.ImageBuilder.Boot.Modules;

/// <summary>Reads modules as they are loaded: a miniroot unpacks none, and an archive of unpacked
/// ones is the smaller one.</summary>
internal static class ModuleUnpacker
{
    // The largest driver for a graphics card has 20 MiB.
    private const int MaxLength = 64 * 1024 * 1024;

    private static readonly ExternalTool _xz = new("xz", "xz-utils");

    /// <summary>Reads a module, unpacked by what its name ends in.</summary>
    /// <param name="path">The module's file, which may be replaced by its unpacked
    /// self.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImageBuilderException">It is larger than any module, or does not
    /// unpack.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        switch (Path.GetExtension(path))
        {
            case ".xz":
                await _xz.RunAsync(["--decompress", "--force", path], cancellationToken);
                return await ReadAsync(path[..^3], cancellationToken);
            case ".zst":
                await using (FileStream file = File.OpenRead(path))
                await using (DecompressionStream plain = new(file))
                {
                    return await ReadAsync(plain, path, cancellationToken);
                }

            case ".gz":
                await using (FileStream file = File.OpenRead(path))
                await using (GZipStream plain = new(file, CompressionMode.Decompress))
                {
                    return await ReadAsync(plain, path, cancellationToken);
                }

            default:
                await using (FileStream file = File.OpenRead(path))
                {
                    return await ReadAsync(file, path, cancellationToken);
                }
        }
    }

    private static async Task<byte[]> ReadAsync(
        Stream module, string path, CancellationToken cancellationToken)
    {
        using MemoryStream content = new();
        byte[] buffer = new byte[64 * 1024];
        while (await module.ReadAsync(buffer, cancellationToken) is > 0 and int count)
        {
            content.Write(buffer, 0, count);
            if (content.Length > MaxLength)
            {
                throw new ImageBuilderException(
                    ImageBuilderFault.Damaged,
                    $"The module {Path.GetFileName(path)} is larger than {MaxLength} bytes.");
            }
        }

        return content.ToArray();
    }
}
