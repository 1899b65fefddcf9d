using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A root on xfs or btrfs, read by GRUB's own drivers.</summary>
/// <remarks>Whatever a machine boots from, GRUB reads: its drivers keep up with what mkfs makes,
/// and need neither root nor a mount. btrfs restore and xfs_db copy no single files out, or none at
/// all.</remarks>
internal sealed class GrubFiles(RootVolume volume) : RootFiles
{
    private static readonly ExternalTool _grub = new("grub-fstest", "grub-common");

    // Names with a blank behind each; a slash at the end marks folders.
    public override async Task<IReadOnlyList<string>> ListAsync(
        string folder, CancellationToken cancellationToken)
    {
        string list = await _grub.RunAsync(
            [volume.File, "ls", $"{At(folder)}/"], cancellationToken);
        return [.. list.Split(
                (char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name.TrimEnd('/'))];
    }

    // It copies one file a run, which takes some ten milliseconds.
    public override async Task CopyAsync(
        IReadOnlyList<FileCopy> files, CancellationToken cancellationToken)
    {
        foreach (FileCopy file in files)
        {
            await _grub.RunAsync(
                [volume.File, "cp", At(file.Path), file.Target], cancellationToken);
        }
    }

    private string At(string path) => $"({volume.GrubName})/{path}".TrimEnd('/');
}
