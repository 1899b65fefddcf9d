namespace VMSeed.Nbd.Tests;

/// <summary>An export on which nothing works, at once or a moment later.</summary>
internal sealed class FailingExport(Func<Exception> failure, bool later)
    : NbdExport(string.Empty)
{
    public const int Size = 8 * 1024 * 1024;

    public override long Length => Size;

    public override bool CanWrite => true;

    public override ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) => FailAsync();

    public override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data) => FailAsync();

    public override ValueTask ZeroAsync(
        long offset, long length, bool keepStorage, CancellationToken cancellationToken) =>
        FailAsync();

    public override ValueTask TrimAsync(
        long offset, long length, CancellationToken cancellationToken) => FailAsync();

    public override ValueTask FlushAsync() => FailAsync();

    public override ValueTask PrefetchAsync(
        long offset, long length, CancellationToken cancellationToken) => FailAsync();

    public override async ValueTask<NbdExtent> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        await FailAsync();
        return default;
    }

    private ValueTask FailAsync() => later ? FailLaterAsync() : throw failure();

    private async ValueTask FailLaterAsync()
    {
        await Task.Yield();
        throw failure();
    }
}
