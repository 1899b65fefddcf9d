using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Disks.Converting;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Copying;

/// <summary>A copy to a sparse file, which appears under its name when it is whole, or onto a
/// disk.</summary>
internal sealed class FileTarget : CopyTarget
{
    private readonly FileBlockDevice _device;
    private readonly string _path;
    private readonly string? _temporary;

    private FileTarget(FileBlockDevice device, string path, string? temporary) =>
        (_device, _path, _temporary) = (device, path, temporary);

    /// <summary>Opens a target.</summary>
    /// <param name="path">A disk, or a file to be made.</param>
    /// <param name="length">Bytes that will come.</param>
    /// <param name="force">Whether a file that is there may be replaced, or a disk
    /// overwritten.</param>
    public static FileTarget Open(string path, long length, bool force)
    {
        bool isDisk = File.Exists(path)
            && (File.GetAttributes(path) & FileAttributes.Device) != 0
            || path.StartsWith("/dev/", StringComparison.Ordinal);
        if (File.Exists(path) && !force)
        {
            throw new ToolException(ExitCode.Other, $"{path} exists; --force overwrites it.");
        }

        return isDisk ? OpenDisk(path, length) : CreateFile(path, length);
    }

    public override async Task FillAsync(
        BlockDevice source,
        DiskCopyOptions options,
        IProgress<CopyProgress> progress,
        CancellationToken cancellationToken)
    {
        bool isNew = _temporary is not null;
        CopyTargetContent content = isNew ? CopyTargetContent.Zeros : CopyTargetContent.Unknown;
        await DiskConverter.CopyAsync(
            source,
            _device,
            options with { TargetContent = content },
            progress,
            cancellationToken);
        if (isNew)
        {
            File.Move(_temporary!, _path, overwrite: true);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }

        await base.DisposeAsync();
    }

    private static FileTarget OpenDisk(string path, long length)
    {
        FileBlockDevice disk = FileBlockDevice.Open(path, FileAccess.ReadWrite);
        return disk.Length >= length
            ? new FileTarget(disk, path, temporary: null)
            : throw new ToolException(
                ExitCode.Other,
                $"{path} has {disk.Length} bytes; the image needs {length}.");
    }

    private static FileTarget CreateFile(string path, long length)
    {
        string full = Path.GetFullPath(path);
        string temporary = Path.Join(
            Path.GetDirectoryName(full), $".{Path.GetFileName(full)}.part");
        File.Delete(temporary);
        return new FileTarget(FileBlockDevice.Create(temporary, length), full, temporary);
    }
}
