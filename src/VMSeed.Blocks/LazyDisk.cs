using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks;

/// <summary>A published image as a block device: bytes are fetched, verified and kept as they are
/// touched.</summary>
/// <remarks>Nothing unverified and no zeros in place of data ever reach a reader: what cannot be
/// had is a <see cref="BlockIOException"/>.</remarks>
public sealed class LazyDisk : BlockDevice
{
    private readonly OpenImage _image;
    private int _disposed;

    internal LazyDisk(OpenImage image) => _image = image;

    /// <summary>What the signed head says of the image.</summary>
    public ImageHead Head => _image.Head;

    /// <summary>The pinned keys that signed the head; none where unsigned images are
    /// allowed.</summary>
    public IReadOnlyList<PublicKey> Signers => _image.Signers;

    /// <summary>The ids of the keys that the head's signatures name, whether or not a pinned key
    /// vouches for them: anybody can write a name.</summary>
    public IReadOnlyList<string> SignatureKeyIds => _image.SignatureKeyIds;

    /// <summary>The signed head that the disk was opened by, as it was published: what
    /// <see cref="LazyDiskOptions.SignedHead"/> opens the same version by again.</summary>
    public ReadOnlyMemory<byte> SignedHead => _image.SignedHead;

    /// <summary>The image's content: its length and the root of its index, whatever its version is
    /// called and whoever signed it.</summary>
    public override ContentIdentity? Identity => new(
        $"image {Head.Index.Digest} of {Head.Disk.Length} bytes")
    {
        Name = $"{Head.Name} version {Head.Version}",
        Address = _image.Address,
        SignedHead = SignedHead,
    };

    /// <inheritdoc/>
    public override long Length => _image.Path.Geometry.Length;

    /// <summary>What the disk has done since it was opened.</summary>
    public DiskStatistics Statistics => _image.Context.Counters.Snapshot();

    /// <summary>Opens a published image.</summary>
    /// <param name="address">Where its head is: <c>https://host/images/name.vmseed</c>, a
    /// <c>file:</c> address, or a path. A fragment, as in <c>…/name.vmseed#RWQ…</c>, is the
    /// publisher's public key.</param>
    /// <param name="options">How it is opened and read.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The disk.</returns>
    /// <exception cref="BlockIOException">The head cannot be had, or is refused.</exception>
#pragma warning disable RS0026, RS0027 // A text and a Uri are never mistaken for each other.
    public static async Task<LazyDisk> OpenAsync(
        string address,
        LazyDiskOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new LazyDiskOptions();
        options.Validate();
        return new LazyDisk(
            await OpenImage.OpenAsync(address, options, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc cref="OpenAsync(string, LazyDiskOptions?, CancellationToken)"/>
    public static Task<LazyDisk> OpenAsync(
        Uri address,
        LazyDiskOptions? options = null,
        CancellationToken cancellationToken = default)
#pragma warning restore RS0026, RS0027
    {
        ArgumentNullException.ThrowIfNull(address);
        return OpenAsync(address.OriginalString, options, cancellationToken);
    }

    /// <summary>Brings a range into the cache, behind every read that somebody waits for.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="progress">Told how many bytes of the range are done.</param>
    /// <param name="cancellationToken">Gives the work up; what has come stays.</param>
    /// <returns>A task that is done when the range is local.</returns>
    /// <exception cref="BlockIOException">A block cannot be had.</exception>
    public async Task PrefetchAsync(
        long offset,
        long length,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        await _image.Path.Downloader
            .DownloadAsync(offset, length, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Brings a file that boots the image: kernel, initrd and the like.</summary>
    /// <param name="file">One of those that <see cref="ImageHead.Boot"/> names.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>All of its bytes, which are those that the head names.</returns>
    /// <exception cref="ArgumentException">It is no boot file of this image.</exception>
    /// <exception cref="BlockIOException">It cannot be had, is not what the head names, or is
    /// larger than 256 MiB.</exception>
    public Task<byte[]> ReadBootFileAsync(
        BootFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _image.ReadBootFileAsync(file, cancellationToken);
    }

    /// <summary>The image's name, version and source.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"{Head.Name} version {Head.Version} from {_image.Source}";

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _image.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    internal override ValueTask<Digest?> FindDigestAsync(
        long offset, int length, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _image.Path.Map.FindDigestAsync(offset, length, cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _image.Path.Reader.ReadAsync(offset, buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _image.Path.Map.MapAsync(offset, length, cancellationToken);
    }
}
