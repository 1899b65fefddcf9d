using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using static VMSeed.Disks.Formats.Vhdx.Log.LogFormat;

namespace VMSeed.Disks.Formats.Vhdx.Log;

/// <summary>A file with a log laid over it, to be read: nothing in the file changes.</summary>
internal sealed class ReplayedFile : BlockDevice
{
    private readonly BlockDevice _file;
    private readonly ReplayedPages _pages;

    /// <summary>Lays pages over a file.</summary>
    /// <param name="file">The file, which becomes this one's.</param>
    /// <param name="pages">What replaces its bytes.</param>
    /// <param name="length">How long it is after the replay; what the file itself lacks is
    /// zeros.</param>
    public ReplayedFile(BlockDevice file, ReplayedPages pages, long length)
    {
        _file = file;
        _pages = pages;
        Length = Math.Max(length, pages.End);
    }

    public override long Length { get; }

    /// <summary>Does the replay in the file itself, durably.</summary>
    public async ValueTask WriteThroughAsync(CancellationToken cancellationToken)
    {
        if (_file.Length < Length)
        {
            await _file.SetLengthAsync(Length, cancellationToken).ConfigureAwait(false);
        }

        await _pages.WriteAsync(_file, cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    public override string ToString() => $"{_file} with its log replayed";

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        IsOwn(offset, buffer.Length)
            ? _file.ReadAsync(offset, buffer, cancellationToken)
            : ReadPagesAsync(offset, buffer, cancellationToken);

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        IsOwn(offset, length)
            ? _file.MapAsync(offset, length, cancellationToken)
            : new(new Extent(offset, length, ExtentKind.Data));

    // Tables lie together, so that blocks are hardly ever in between.
    private bool IsOwn(long offset, long length) =>
        (offset + length <= _pages.Start || offset >= _pages.End)
        && offset + length <= _file.Length;

    private async ValueTask ReadPagesAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int at = (int)(offset % Sector);
            int count = Math.Min(buffer.Length, Sector - at);
            if (_pages.TryGet(offset, out byte[]? page))
            {
                page.AsMemory(at, count).CopyTo(buffer);
            }
            else
            {
                await ReadOwnAsync(offset, buffer[..count], cancellationToken)
                    .ConfigureAwait(false);
            }

            offset += count;
            buffer = buffer[count..];
        }
    }

    private async ValueTask ReadOwnAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int inside = _pages.IsZero(offset)
            ? 0
            : (int)Math.Clamp(_file.Length - offset, 0, buffer.Length);
        buffer.Span[inside..].Clear();
        if (inside > 0)
        {
            await _file.ReadAsync(offset, buffer[..inside], cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
