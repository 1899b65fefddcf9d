using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Devices.Files;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Devices;

/// <summary>A local file, disk or partition.</summary>
/// <remarks>
/// What the page cache holds is read on the calling thread at once, and small writes are made
/// there; whatever has to wait for a disk runs on a few threads of the process that exist for that.
/// Other processes may use the same file, but its length is this device's: a file that another cuts
/// is an <see cref="IOException"/> at the read of the missing bytes.
/// </remarks>
public sealed class FileBlockDevice : BlockDevice
{
    private readonly BlockingFile _file;
    private readonly SafeFileHandle _handle;
    private readonly CachedTransfer _cached = new();
    private readonly InlineWrites _inline = new(TimeProvider.System);
    private readonly bool _canWrite;

    private FileBlockDevice(SafeFileHandle handle, string path, bool canWrite)
    {
        _handle = handle;
        _file = new BlockingFile(handle, path);
        _canWrite = canWrite;
    }

    /// <inheritdoc/>
    public override long Length => _file.Length;

    /// <inheritdoc/>
    public override bool CanWrite => _canWrite;

    /// <summary>Opens a file, a disk or a partition.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="access">Whether it is to be read, or read and written.</param>
    /// <param name="mode">Whether it must exist already.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <returns>The device.</returns>
    /// <exception cref="ArgumentException">The access is to write alone.</exception>
    /// <exception cref="IOException">It cannot be opened, or does not exist.</exception>
    public static FileBlockDevice Open(
        string path,
        FileAccess access = FileAccess.Read,
        FileMode mode = FileMode.Open,
        FileShare share = FileShare.Read)
    {
        if (!access.HasFlag(FileAccess.Read))
        {
            throw new ArgumentException(
                $"A device is read too; {access} is not enough.", nameof(access));
        }

        SafeFileHandle handle = File.OpenHandle(path, mode, access, share);
        try
        {
            return new FileBlockDevice(handle, path, access.HasFlag(FileAccess.Write));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Makes a new file that reads as zeros and occupies next to nothing.</summary>
    /// <param name="path">Its path; nothing may be there yet.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <returns>The device, to be read and written.</returns>
    /// <exception cref="IOException">Something is there already, or the file cannot be
    /// made.</exception>
    public static FileBlockDevice Create(string path, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        FileBlockDevice device = Open(path, FileAccess.ReadWrite, FileMode.CreateNew);
        try
        {
            device._file.SetLength(length);
            return device;
        }
        catch
        {
            device._handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        _canWrite ? Run(FileTask.Flush, 0, 0, cancellationToken) : default;

    /// <inheritdoc/>
    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return _canWrite
            ? Run(FileTask.SetLength, 0, length, cancellationToken)
            : base.SetLengthAsync(length, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        // The system's handle stays open until the last call that uses it has ended.
        _handle.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>The path that was opened.</summary>
    /// <returns>The path.</returns>
    public override string ToString() => _file.Name;

    /// <summary>What differs when the file has been written in between; says nothing of
    /// disks.</summary>
    internal FileStamp Stamp() => FileStamp.Of(_handle);

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        int done = _cached.Read(_handle, offset, buffer.Span);
        return done == buffer.Length
            ? default
            : FileOperation.Read(_file, offset + done, buffer[done..], cancellationToken);
    }

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => _file.Read(offset, buffer);

    /// <inheritdoc/>
    private protected override void WriteCore(long offset, ReadOnlySpan<byte> data) =>
        _file.Write(offset, data);

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        int done = _cached.Write(_handle, offset, data.Span);
        return done == data.Length
            ? default
            : WriteRest(offset + done, data[done..], cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        Run(FileTask.Zero, offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        Run(FileTask.Trim, offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<Extent>(cancellationToken)
            : FileOperation.Map(_file, offset, length, cancellationToken);

    // Where the file system tells what would wait (XFS, btrfs, disks), this is what would.
    private ValueTask WriteRest(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            if (!_cached.Foresees && _inline.TryWrite(_file, offset, data.Span))
            {
                return default;
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return ValueTask.FromException(refused);
        }

        return FileOperation.Write(_file, offset, data, cancellationToken);
    }

    private ValueTask Run(
        FileTask task, long offset, long length, CancellationToken cancellation) =>
        cancellation.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellation)
            : FileOperation.Run(task, _file, offset, length, cancellation);
}
