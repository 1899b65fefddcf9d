using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A root on squashfs, read by unsquashfs.</summary>
internal sealed class SquashFiles(RootVolume volume, WorkFolder work) : RootFiles
{
    private static readonly ExternalTool _unsquashfs = new("unsquashfs", "squashfs-tools");

    // What is listed begins with the folder that it would be unpacked into.
    private const string Top = "squashfs-root";

    private string Unpacked => work["squashfs"];

    public override async Task<IReadOnlyList<string>> ListAsync(
        string folder, CancellationToken cancellationToken)
    {
        string list = await _unsquashfs.RunAsync(
            ["-l", "-no-wildcards", "-o", $"{volume.Offset}", volume.File, folder],
            cancellationToken);
        string prefix = $"{Top}/{folder}/";
        return [.. list.Split('\n')
            .Where(line => line.StartsWith(prefix, StringComparison.Ordinal))
            .Select(line => line[prefix.Length..])
            .Where(name => !name.Contains('/', StringComparison.Ordinal))];
    }

    public override async Task CopyAsync(
        IReadOnlyList<FileCopy> files, CancellationToken cancellationToken)
    {
        await _unsquashfs.RunAsync(
            [
                "-q", "-n", "-no-wildcards", "-no-xattrs", "-f",
                "-d", Unpacked, "-o", $"{volume.Offset}", volume.File,
                .. files.Select(file => file.Path),
            ],
            cancellationToken);
        await new FolderFiles(Unpacked).CopyAsync(files, cancellationToken);
    }
}
