using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay.Format;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>A writable disk over one that stays as it is: what is written goes to a local file,
/// what was not is read from the base.</summary>
/// <remarks>
/// <para>It keeps what a disk keeps: what was flushed survives a loss of power, what was not is old
/// or new, sector by sector, and never anything else.</para>
/// <para>A write of whole blocks of 4 KiB needs nothing of the base. A write of less reads the rest
/// of its block from there, once.</para>
/// <para>It is bound to the content of its base: over another one, and over another version of the
/// same image, it does not open. It keeps the signed head that it was made over
/// (<see cref="ContentIdentity.SignedHead"/>); with that in
/// <see cref="LazyDiskOptions.SignedHead"/> the same version opens for as long as the repository
/// keeps its objects, whatever has been published since.</para>
/// <para>While one writes to it nobody else has it open. The base belongs to the caller, who closes
/// it after the overlay.</para>
/// </remarks>
public sealed class OverlayDisk : BlockDevice
{
    private readonly BlockDevice _file;
    private readonly OverlayLock? _lock;
    private readonly OverlayLayout _layout;
    private readonly StateMap _states;
    private readonly OverlayBase _base;
    private readonly OverlayCommit _commit;
    private readonly OverlayReader _reader;
    private readonly OverlayWriter _writer;
    private readonly bool _canWrite;
    private int _disposed;

    private OverlayDisk(
        BlockDevice source,
        BlockDevice file,
        OverlayLock? held,
        OverlayHeader header,
        OverlayOptions options)
    {
        (_file, _lock) = (file, held);
        _canWrite = !options.ReadOnly;
        _layout = new OverlayLayout(header.Length);
        _states = new StateMap(file, _layout, (int)(options.MapCacheSize / StatePage.Size));
        _base = new OverlayBase(source, header.Length);
        _commit = new OverlayCommit(file, _states);
        _reader = new OverlayReader(file, _layout, _states, _base);
        _writer = new OverlayWriter(file, _layout, _states, _base, _commit);
    }

    /// <summary>The base.</summary>
    public BlockDevice Base => _base.Device;

    /// <inheritdoc/>
    public override long Length => _layout.Length;

    /// <inheritdoc/>
    public override bool CanWrite => _canWrite;

    /// <summary>Pages of the state map in memory, for tests.</summary>
    internal int MapPagesInMemory => _states.PagesInMemory;

    /// <summary>Opens an overlay, or makes it where there is none.</summary>
    /// <param name="source">The base. It must not change as long as overlays of it exist.</param>
    /// <param name="path">The overlay's file. It is sparse, and looks a little longer than the
    /// disk.</param>
    /// <param name="options">How it is made and kept.</param>
    /// <param name="cancellationToken">Gives the opening up.</param>
    /// <returns>The disk; the caller disposes of it, and then of the base.</returns>
    /// <exception cref="BlockIOException">Refused: it was made over something else.</exception>
    /// <exception cref="InvalidDataException">The file is no overlay, or damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened, or another has it open.</exception>
    public static async Task<OverlayDisk> OpenAsync(
        BlockDevice source,
        string path,
        OverlayOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OverlayOptions();
        options.Validate();
        ContentIdentity identity = await IdentifyAsync(source, cancellationToken)
            .ConfigureAwait(false);
        (BlockDevice file, OverlayLock held, OverlayHeader header) = await OverlayFile
            .OpenAsync(
                path,
                options,
                () => Describe(source, identity, options),
                cancellationToken)
            .ConfigureAwait(false);
        try
        {
            CheckBase(path, header, identity, source.Length);
            return new OverlayDisk(source, file, held, header, options);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            held.Dispose();
            throw;
        }
    }

    /// <summary>Says what a file is, without its base, also while another has it open.</summary>
    /// <param name="path">The overlay's file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it says of itself; of an overlay in use, as of its last flush.</returns>
    /// <exception cref="InvalidDataException">The file is no overlay, or damaged.</exception>
    public static async Task<OverlayInfo> ReadInfoAsync(
        string path, CancellationToken cancellationToken = default)
    {
        FileBlockDevice file = FileBlockDevice.Open(path, share: FileShare.ReadWrite);
        await using (file.ConfigureAwait(false))
        {
            OverlayHeader header = await OverlayFile.ReadHeaderAsync(file, cancellationToken)
                .ConfigureAwait(false);
            OverlayLayout layout = new(header.Length);
            long data = 0;
            long zero = 0;
            await foreach (Extent extent in OverlayFile
                .ChangesAsync(new StateMap(file, layout, 1), layout, cancellationToken)
                .ConfigureAwait(false))
            {
                data += extent.Kind == ExtentKind.Data ? extent.Length : 0;
                zero += extent.Kind == ExtentKind.Zero ? extent.Length : 0;
            }

            return new OverlayInfo(header.Length, header.BaseLength, header.Base, data, zero);
        }
    }

    /// <summary>Deletes an overlay that nobody has open. What it holds is lost; its base is as it
    /// was.</summary>
    /// <param name="path">The overlay's file.</param>
    /// <exception cref="IOException">The file is in use, or cannot be deleted.</exception>
    public static void Delete(string path)
    {
        using (OverlayLock.Take(path, readOnly: false))
        {
            File.Delete(path);
        }
    }

    /// <summary>What the overlay has of its own: data, and what it made zeros; in order, with gaps
    /// where the base is read.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The extents, in units of 4 KiB but for the disk's last bytes.</returns>
    public IAsyncEnumerable<Extent> ChangesAsync(CancellationToken cancellationToken = default) =>
        OverlayFile.ChangesAsync(_states, _layout, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        CheckOpen();
        return _canWrite ? _commit.FlushAsync(cancellationToken) : default;
    }

    /// <summary>Flushes, and closes the file.</summary>
    /// <returns>A task that is done when all of it is durable.</returns>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        try
        {
            if (_canWrite)
            {
                await _commit.FlushAsync(default).ConfigureAwait(false);
            }
        }
        finally
        {
            await _file.DisposeAsync().ConfigureAwait(false);
            _lock?.Dispose();
            _commit.Dispose();
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What lies over what.</summary>
    /// <returns>A line for logs.</returns>
    public override string ToString() => $"{_file} over {_base.Device}";

    /// <summary>Opens an overlay in any device: what tests cut the power of.</summary>
    internal static async ValueTask<OverlayDisk> OpenAsync(
        BlockDevice source, BlockDevice file, OverlayOptions options)
    {
        ContentIdentity identity = await IdentifyAsync(source, default).ConfigureAwait(false);
        if (file.Length == 0)
        {
            await OverlayFile.FormatAsync(file, Describe(source, identity, options), default)
                .ConfigureAwait(false);
        }

        OverlayHeader header = await OverlayFile.ReadHeaderAsync(file, default)
            .ConfigureAwait(false);
        CheckBase($"{file}", header, identity, source.Length);
        return new OverlayDisk(source, file, null, header, options);
    }

    /// <summary>The base's digest of a range that nobody has changed.</summary>
    internal override async ValueTask<Digest?> FindDigestAsync(
        long offset, int length, CancellationToken cancellationToken)
    {
        CheckOpen();
        (BlockState state, long end) = await _states
            .FindAsync(OverlayLayout.BlockAt(offset), cancellationToken).ConfigureAwait(false);
        bool isBase = state == BlockState.Base
            && OverlayLayout.OffsetOf(end) >= offset + length
            && offset + length <= Base.Length;
        return isBase
            ? await Base.FindDigestAsync(offset, length, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        CheckOpen();
        return _reader.ReadAsync(offset, buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        CheckOpen();
        _reader.Read(offset, buffer);
    }

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        CheckOpen();
        return _writer.WriteAsync(offset, data, cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckOpen();
        return _writer.ZeroAsync(offset, length, cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckOpen();
        return _writer.TrimAsync(offset, length, cancellationToken);
    }

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckOpen();
        return _reader.MapAsync(offset, length, cancellationToken);
    }

    private static ValueTask<ContentIdentity> IdentifyAsync(
        BlockDevice source, CancellationToken cancellationToken) =>
        source.Identity is { } identity
            ? new(identity)
            : BaseSamples.IdentifyAsync(source, cancellationToken);

    private static OverlayHeader Describe(
        BlockDevice source, ContentIdentity identity, OverlayOptions options)
    {
        long length = options.Length ?? source.Length;
        identity = identity with
        {
            Name = Choose(identity.Name, options.BaseName ?? source.ToString()),
            Address = Choose(identity.Address, options.BaseAddress),
        };
        return length <= OverlayLayout.MaxLength
            ? new OverlayHeader(length, source.Length, identity)
            : throw new NotSupportedException(
                $"{source} has {length} bytes; an overlay can have "
                + $"{OverlayLayout.MaxLength} at the most.");
    }

    // A text that is too long for the header is cut: it is for people.
    private static string Choose(string own, string? other)
    {
        string text = own.Length > 0 ? own : other ?? "";
        return text[..Math.Min(text.Length, ContentIdentity.MaxLength)];
    }

    private static void CheckBase(
        string path, OverlayHeader header, ContentIdentity found, long length)
    {
        if (header.Base.Value != found.Value || header.BaseLength != length)
        {
            throw new BlockIOException(
                FailureReason.Refused,
                $"The overlay {path} was made over {NameOf(header.Base)}, {header.BaseLength} "
                + $"bytes, and not over {NameOf(found)}, {length} bytes: over another base its "
                + "disk would be a mixture of two.")
            {
                ObjectName = path,
            };
        }
    }

    private static string NameOf(ContentIdentity identity) =>
        identity.Name.Length > 0 ? $"{identity.Name} ({identity.Value})" : identity.Value;

    private void CheckOpen() => ObjectDisposedException.ThrowIf(_disposed != 0, this);
}
