using VMSeed.Blocks.Devices;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Copying;

/// <summary>A copy to a sparse file, which appears under its name when it is whole, or onto a
/// disk.</summary>
internal sealed class FileTarget : CopyTarget
{
    /// <summary>What file systems keep holes in.</summary>
    private const int Page = 4096;

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

    /// <summary>Pages of zeros become holes.</summary>
    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        for (int at = 0; at < data.Length;)
        {
            bool zero = IsZero(data.Span, at);
            int end = at;
            while (end < data.Length && IsZero(data.Span, end) == zero)
            {
                end = Math.Min(data.Length, end + Page);
            }

            await (zero
                ? ZeroAsync(offset + at, end - at, cancellationToken)
                : _device.WriteAsync(offset + at, data[at..end], cancellationToken));
            at = end;
        }
    }

    public override ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _temporary is not null ? default : _device.ZeroAsync(offset, length, cancellationToken);

    public override async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await _device.FlushAsync(cancellationToken);
        if (_temporary is not null)
        {
            File.Move(_temporary, _path, overwrite: true);
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

    private static bool IsZero(ReadOnlySpan<byte> data, int at) =>
        !data.Slice(at, Math.Min(Page, data.Length - at)).ContainsAnyExcept((byte)0);
}
