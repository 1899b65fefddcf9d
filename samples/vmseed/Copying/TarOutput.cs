using VMSeed.Blocks;
using VMSeed.Disks;
using VMSeed.Tool.Images;

namespace VMSeed.Tool.Copying;

/// <summary>A copy into a sparse tar archive.</summary>
internal static class TarOutput
{
    public static async Task WriteAsync(
        BlockDevice disk,
        string name,
        string output,
        bool force,
        CopyTicks ticks,
        CancellationToken cancellationToken)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (output == "-")
        {
            await using StandardOutput pipe = new();
            await SparseTar.WriteAsync(disk, name, pipe, now, ticks, cancellationToken);
            return;
        }

        using ReplacedFile old = ReplacedFile.Take(output, force);
        try
        {
            await using FileStream file = new(output, FileMode.CreateNew, FileAccess.Write);
            await SparseTar.WriteAsync(disk, name, file, now, ticks, cancellationToken);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(output);
            throw;
        }

        old.Drop();
    }
}
