namespace VMSeed.Gslb;

/// <summary>Sends through a handler that belongs to somebody else, and is not disposed of with
/// this.</summary>
internal sealed class BorrowedHandler(HttpMessageHandler owned) : DelegatingHandler(owned)
{
    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => base.Dispose(disposing: false);
}
