using System.Text;

namespace VMSeed.Nbd;

/// <summary>One disk of a server.</summary>
/// <remarks>
/// Every member may be called from any number of threads at once, with ranges that lie within
/// <see cref="Length"/>. A read or write that completes synchronously is answered by the thread
/// that took the request; one that does not occupies no thread. What it throws is told to the
/// client as a number and a sentence, and the connection goes on: an <see cref="IOException"/> as
/// EIO, one of a full disk as ENOSPC.
/// </remarks>
public abstract class NbdExport
{
    /// <summary>What the protocol takes as one string, in bytes of UTF-8.</summary>
    internal const int MaxTextLength = 4096;

    /// <summary>Names the export.</summary>
    /// <param name="name">The name that clients choose it by, at most 4,096 bytes of UTF-8 without
    /// NUL. It may be empty, which is what clients ask for that name nothing.</param>
    /// <param name="description">A line for people, of the same limits; null for none.</param>
    protected NbdExport(string name, string? description = null)
    {
        Check(name, nameof(name));
        Check(description ?? string.Empty, nameof(description));
        Name = name;
        Description = description;
        NameBytes = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>The name that clients choose it by.</summary>
    public string Name { get; }

    /// <summary>A line for people, or null.</summary>
    public string? Description { get; }

    /// <summary>The size in bytes. A client keeps the size that it was told when it
    /// connected.</summary>
    public abstract long Length { get; }

    /// <summary>Whether clients may write.</summary>
    public virtual bool CanWrite => false;

    internal byte[] NameBytes { get; }

    /// <summary>Fills a buffer.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="buffer">The buffer; all of it is filled.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for the bytes any more.</param>
    /// <returns>A task that is done when the buffer is full.</returns>
    public abstract ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Stores bytes.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes; valid until the task is done.</param>
    /// <returns>A task that is done when every later read sees them.</returns>
    public virtual ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data) =>
        throw new NotSupportedException($"The export '{Name}' is read-only.");

    /// <summary>Makes a range read as zeros.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes; up to 4 GiB.</param>
    /// <param name="keepStorage">Whether later writes must find their space reserved.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>A task that is done when every later read sees zeros.</returns>
    public virtual ValueTask ZeroAsync(
        long offset, long length, bool keepStorage, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"The export '{Name}' is read-only.");

    /// <summary>Says that a range's content is of no further use.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes; up to 4 GiB.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>A task that is done when the hint is taken.</returns>
    public virtual ValueTask TrimAsync(
        long offset, long length, CancellationToken cancellationToken) => default;

    /// <summary>Makes every finished write durable, whichever connection it came by.</summary>
    /// <returns>A task that is done when they would survive the loss of power.</returns>
    public virtual ValueTask FlushAsync() => default;

    /// <summary>Brings a range near, so that later reads are quick.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes; up to 4 GiB.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>A task that is done when the range is near.</returns>
    public virtual ValueTask PrefetchAsync(
        long offset, long length, CancellationToken cancellationToken) => default;

    /// <summary>What lies at an offset, and how far.</summary>
    /// <param name="offset">Where to look, in bytes.</param>
    /// <param name="length">How far to look at the most, in bytes; at least 1.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>An extent no longer than asked for; its neighbour may be of the same
    /// kind.</returns>
    public virtual ValueTask<NbdExtent> MapAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        new(new NbdExtent(length, NbdExtentKind.Data));

    private static void Check(string text, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        if (text.Contains('\0', StringComparison.Ordinal)
            || Encoding.UTF8.GetByteCount(text) > MaxTextLength)
        {
            throw new ArgumentException(
                $"'{text}' is no text of the protocol: at most {MaxTextLength} bytes, no NUL.",
                parameter);
        }
    }
}
