using System.Text;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources.Http.Files;

namespace VMSeed.Blocks;

/// <summary>A file of a web server as a read-only block device: what is touched is fetched through
/// ranges, and kept.</summary>
/// <remarks>
/// <para>The device is bound to the version that the server had when it was opened: by its strong
/// ETag, else by its Last-Modified and length. An answer of another version fails the read with a
/// <see cref="BlockIOException"/> whose reason is <see cref="FailureReason.Corrupt"/>; what is
/// local of the old version can still be read.</para>
/// <para>Nobody vouches for the bytes but the server and, with https, the line to it. A file that
/// is overwritten in place, while one answer is on its way, is read as the server sends it: publish
/// by renaming.</para>
/// </remarks>
public sealed class HttpRangeDevice : BlockDevice
{
    private readonly FileAddress _address;
    private readonly HttpRangeOptions _options;
    private readonly FileFamily _family;
    private readonly OpenFile _file;
    private int _disposed;

    private HttpRangeDevice(
        FileAddress address, HttpRangeOptions options, FileFamily family, OpenFile file)
    {
        (_address, _options) = (address, options);
        (_family, _file) = (family, file);
    }

    /// <inheritdoc/>
    public override long Length => _file.Version.Length;

    /// <summary>The ETag that the device is bound to, as the server writes it; null where there is
    /// none.</summary>
    public string? ETag => _file.Version.Tag?.ToString();

    /// <summary>When the file was changed last, as the server says; null where it says
    /// nothing.</summary>
    public DateTimeOffset? LastModified => _file.Version.Modified;

    /// <summary>The file's version as its server names it; null where nothing names
    /// it.</summary>
    public override ContentIdentity? Identity => _file.Version.IsBound
        ? new($"file {Digest.Of(Encoding.UTF8.GetBytes(_file.Version.ToKey()))} of {Length} bytes")
        {
            Name = _address.Name,
            Address = _address.ToString(),
        }
        : null;

    /// <summary>What the device has done since it was opened.</summary>
    public DiskStatistics Statistics => _file.Path.Context.Counters.Snapshot();

    /// <summary>Opens a file, with one request that brings its first block too.</summary>
    /// <param name="address">Where it is: an http or https address. User name and password in it
    /// are sent to its server only; its query goes with every request; its fragment nowhere.
    /// </param>
    /// <param name="options">How it is opened and read.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The device.</returns>
    /// <exception cref="BlockIOException">The file cannot be had, its server has no ranges, or
    /// nothing tells its versions apart.</exception>
    /// <exception cref="FormatException">The address is none.</exception>
#pragma warning disable RS0026, RS0027 // A text and a Uri are never mistaken for each other.
    public static Task<HttpRangeDevice> OpenAsync(
        string address,
        HttpRangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new HttpRangeOptions();
        options.Validate();
        FileAddress parsed = FileAddress.Parse(address, options.Authorization);
        return OpenAsync(parsed, options, new FileFamily(options), cancellationToken);
    }

    /// <inheritdoc cref="OpenAsync(string, HttpRangeOptions?, CancellationToken)"/>
    public static Task<HttpRangeDevice> OpenAsync(
        Uri address,
        HttpRangeOptions? options = null,
        CancellationToken cancellationToken = default)
#pragma warning restore RS0026, RS0027
    {
        ArgumentNullException.ThrowIfNull(address);
        return OpenAsync(address.OriginalString, options, cancellationToken);
    }

    /// <summary>Opens another file of the same folder on the same server: an extent or a parent of
    /// a disk image.</summary>
    /// <param name="name">The file's name, not escaped: one segment of a path.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The device, opened with the same options, query and credentials. It shares this
    /// one's connections, cache and memory, and does not end with it.</returns>
    /// <exception cref="ArgumentException">The name leads out of the folder.</exception>
    /// <exception cref="BlockIOException">The file cannot be had.</exception>
    /// <remarks>The folder is that of the address that was given, wherever that has redirected
    /// to.</remarks>
    public Task<HttpRangeDevice> OpenSiblingAsync(
        string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        FileAddress sibling = _address.Sibling(name);
        ObjectDisposedException.ThrowIf(!_family.TryJoin(), this);
        return OpenAsync(sibling, _options, _family, cancellationToken);
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
        await _file.Path.Downloader
            .DownloadAsync(offset, length, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The address without user name, password and query.</summary>
    /// <returns>The address, for messages.</returns>
    public override string ToString() => _address.ToString();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _file.Path.Reader.ReadAsync(offset, buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _file.Path.Map.MapAsync(offset, length, cancellationToken);
    }

    private static async Task<HttpRangeDevice> OpenAsync(
        FileAddress address,
        HttpRangeOptions options,
        FileFamily family,
        CancellationToken cancellationToken)
    {
        OpenFile file = await OpenFile
            .OpenAsync(family, address, options, cancellationToken).ConfigureAwait(false);
        return new HttpRangeDevice(address, options, family, file);
    }
}
