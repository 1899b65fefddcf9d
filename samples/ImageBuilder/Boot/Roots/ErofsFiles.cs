using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A root on erofs, unpacked whole by fsck.erofs, which copies nothing less
/// out.</summary>
internal sealed class ErofsFiles(RootVolume volume, WorkFolder work) : RootFiles
{
    private static readonly ExternalTool _erofs = new("fsck.erofs", "erofs-utils");

    private FolderFiles? _unpacked;

    public override async Task<IReadOnlyList<string>> ListAsync(
        string folder, CancellationToken cancellationToken) =>
        await (await UnpackAsync(cancellationToken)).ListAsync(folder, cancellationToken);

    public override async Task CopyAsync(
        IReadOnlyList<FileCopy> files, CancellationToken cancellationToken) =>
        await (await UnpackAsync(cancellationToken)).CopyAsync(files, cancellationToken);

    private async Task<FolderFiles> UnpackAsync(CancellationToken cancellationToken)
    {
        if (_unpacked is null)
        {
            string folder = work["erofs"];
            await _erofs.RunAsync(
                [$"--extract={folder}", "--no-preserve", volume.File], cancellationToken);
            _unpacked = new FolderFiles(folder);
        }

        return _unpacked;
    }
}
