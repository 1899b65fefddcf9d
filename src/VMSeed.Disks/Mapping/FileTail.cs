using VMSeed.Blocks;

namespace VMSeed.Disks.Mapping;

/// <summary>The end of a file, where new blocks go.</summary>
/// <remarks>Called under the disk's gate.</remarks>
internal sealed class FileTail
{
    /// <summary>How much the file grows at once, at the least: 4 MiB. A growth is a call of the
    /// system; what is too much is cut off by the next commit, and occupies nothing
    /// before.</summary>
    private const long LeastGrowth = 4L << 20;

    private readonly BlockDevice _file;
    private ReadOnlyMemory<byte> _trailer;
    private long? _trailerOffset;
    private bool _isCut;

    /// <summary>Begins at the end of what is in use.</summary>
    /// <param name="file">The file.</param>
    /// <param name="end">The first byte after everything that is in use.</param>
    /// <param name="trailer">What the file ends with behind that, however far it has grown; empty
    /// in most formats.</param>
    public FileTail(BlockDevice file, long end, ReadOnlyMemory<byte> trailer = default)
    {
        (_file, _trailer) = (file, trailer);
        End = end;
    }

    /// <summary>The first byte after everything that is in use.</summary>
    public long End { get; private set; }

    /// <summary>Takes space at the end; it reads as zeros.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="align">What the result is a multiple of, less <paramref name="phase"/>.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <param name="phase">How far past a multiple the space is to begin.</param>
    /// <returns>Where it begins.</returns>
    public async ValueTask<long> TakeAsync(
        long length, long align, CancellationToken cancellationToken, long phase = 0)
    {
        await CutAsync(cancellationToken).ConfigureAwait(false);
        long offset = Align(End - phase, align) + phase;
        long end = checked(offset + length);
        if (end + _trailer.Length > _file.Length)
        {
            await GrowAsync(end, cancellationToken).ConfigureAwait(false);
        }

        End = end;
        return offset;
    }

    /// <summary>Cuts off what the file has grown too far.</summary>
    public async ValueTask TrimAsync(CancellationToken cancellationToken)
    {
        long length = End + _trailer.Length;
        if (_file.Length != length)
        {
            await _file.SetLengthAsync(length, cancellationToken).ConfigureAwait(false);
            await WriteTrailerAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the file another trailer, or its own once more; it is not flushed.</summary>
    public async ValueTask ReplaceTrailerAsync(
        ReadOnlyMemory<byte> trailer, CancellationToken cancellationToken)
    {
        _trailer = trailer;
        await CutAsync(cancellationToken).ConfigureAwait(false);
        if (_trailerOffset is null)
        {
            await _file.SetLengthAsync(End + trailer.Length, cancellationToken)
                .ConfigureAwait(false);
        }

        await WriteTrailerAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next multiple.</summary>
    public static long Align(long offset, long align) =>
        checked((offset + align - 1) / align * align);

    // The old trailer lies where new space is to be zeros.
    private async ValueTask GrowAsync(long end, CancellationToken cancellationToken)
    {
        // An eighth more, so that a disk that fills up asks ever more rarely.
        long growth = Math.Max(LeastGrowth, Math.Min(_file.Length / 8, 1L << 30));
        await _file.SetLengthAsync(
            Math.Max(end + _trailer.Length, _file.Length + growth), cancellationToken)
            .ConfigureAwait(false);
        if (_trailerOffset is { } old)
        {
            await _file.ZeroAsync(old, _trailer.Length, cancellationToken).ConfigureAwait(false);
        }

        await WriteTrailerAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteTrailerAsync(CancellationToken cancellationToken)
    {
        if (!_trailer.IsEmpty)
        {
            long offset = _file.Length - _trailer.Length;
            await _file.WriteAsync(offset, _trailer, cancellationToken).ConfigureAwait(false);
            _trailerOffset = offset;
        }
    }

    // What a crash has left behind the end is somebody's bytes, and new space is to be zeros.
    private async ValueTask CutAsync(CancellationToken cancellationToken)
    {
        if (!_isCut && _file.Length > End)
        {
            await _file.SetLengthAsync(End, cancellationToken).ConfigureAwait(false);
            _trailerOffset = null;
        }

        _isCut = true;
    }
}
