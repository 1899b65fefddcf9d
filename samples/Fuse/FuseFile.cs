using System.Text;

namespace VMSeed.Fuse;

/// <summary>One file of a mount's root directory.</summary>
/// <remarks>
/// Every member may be called from any number of threads at once. A read that completes
/// synchronously is
/// answered by the thread that took the request; one that does not occupies no thread. An
/// <see cref="IOException"/> is told to the reader as EIO, and the mount goes on.
/// </remarks>
public abstract class FuseFile
{
    /// <summary>What Linux takes as one name (NAME_MAX), in bytes of UTF-8.</summary>
    internal const int MaxNameLength = 255;

    /// <summary>Names the file.</summary>
    /// <param name="name">A file name without a path, at most 255 bytes of UTF-8.</param>
    protected FuseFile(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0')
            || Encoding.UTF8.GetByteCount(name) > MaxNameLength)
        {
            throw new ArgumentException(
                $"'{name}' is not a file name: no '/', not '.' or '..', "
                + $"at most {MaxNameLength} bytes.",
                nameof(name));
        }

        Name = name;
    }

    /// <summary>The file's name in the root directory.</summary>
    public string Name { get; }

    /// <summary>The file's size in bytes, as stat(2) tells it.</summary>
    public abstract long Length { get; }

    /// <summary>Who may do what. The mount's owner is the process's user.</summary>
    public virtual UnixFileMode Mode =>
        UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Whether the content changes by itself. Such a file is never kept in the page cache,
    /// each
    /// read reaches <see cref="ReadAsync"/>, and it may be read past <see
    /// cref="Length"/>.</summary>
    public virtual bool IsVolatile => false;

    /// <summary>Whether the file may be opened for writing. A mount without such a file is
    /// read-only.</summary>
    public virtual bool CanWrite => false;

    /// <summary>Reads at an offset.</summary>
    /// <param name="offset">Where to begin, in bytes. Within <see cref="Length"/>, with the whole
    /// buffer,
    /// unless the file is volatile.</param>
    /// <param name="buffer">The buffer to fill.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for the bytes any more.</param>
    /// <returns>How many bytes were read; fewer than asked for only at the file's end.</returns>
    public abstract ValueTask<int> ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Writes at an offset.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes; valid until the returned task is done.</param>
    /// <param name="cancellationToken">Cancelled when the writer gave up.</param>
    /// <returns>A task that is done when every later read sees the bytes.</returns>
    public virtual ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"'{Name}' cannot be written.");

    /// <summary>Makes a range read as zeros, giving its storage back (fallocate(2) with
    /// FALLOC_FL_PUNCH_HOLE or FALLOC_FL_ZERO_RANGE: what a loop device makes of a
    /// discard).</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes; within <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Cancelled when the caller gave up.</param>
    /// <returns>A task that is done when every later read sees zeros.</returns>
    public virtual ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"'{Name}' cannot be written.");

    /// <summary>Makes finished writes durable (fsync).</summary>
    /// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
    /// <returns>A task that is done when they would survive the loss of power.</returns>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    /// <summary>Finds the next byte of data, or of a hole, at or after an offset
    /// (lseek(2)).</summary>
    /// <param name="offset">Where to begin, in bytes; less than <see cref="Length"/>.</param>
    /// <param name="hole">Whether a hole is looked for; the file's end counts as one.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more.</param>
    /// <returns>The offset found, or -1 when no data follows.</returns>
    public virtual ValueTask<long> SeekAsync(
        long offset, bool hole, CancellationToken cancellationToken) => new(hole ? Length : offset);
}
