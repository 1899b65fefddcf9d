using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>A root on ext2, ext3 or ext4, read by debugfs.</summary>
internal sealed class DebugfsFiles(RootVolume volume, WorkFolder work) : RootFiles
{
    private static readonly ExternalTool _debugfs = new("debugfs", "e2fsprogs");

    // An option of libext2fs's own, behind the name.
    private string Device => $"{volume.File}?offset={volume.Offset}";

    // One line a file: /inode/mode/owner/group/name/size/
    public override async Task<IReadOnlyList<string>> ListAsync(
        string folder, CancellationToken cancellationToken)
    {
        string list = await _debugfs.RunAsync(
            ["-R", $"ls -p /{folder}", Device], cancellationToken);
        return [.. list.Split('\n')
            .Select(line => line.Split('/'))
            .Where(fields => fields.Length > 5)
            .Select(fields => fields[5])];
    }

    public override async Task CopyAsync(
        IReadOnlyList<FileCopy> files, CancellationToken cancellationToken)
    {
        string commands = work["debugfs.commands"];
        await File.WriteAllLinesAsync(
            commands,
            files.Select(file => $"dump \"/{file.Path}\" \"{file.Target}\""),
            cancellationToken);
        await _debugfs.RunAsync(["-f", commands, Device], cancellationToken);
    }
}
