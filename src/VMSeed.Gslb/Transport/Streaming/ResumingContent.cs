using System.Net;

namespace VMSeed.Gslb.Transport.Streaming;

/// <summary>The content of a response whose body comes as it is read.</summary>
internal sealed class ResumingContent(ResumingStream stream) : HttpContent
{
    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = stream.BodyLength;
        return length >= 0;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(
        Stream target, TransportContext? context, CancellationToken cancellationToken) =>
        stream.CopyToAsync(target, cancellationToken);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) =>
        SerializeToStreamAsync(target, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override void SerializeToStream(
        Stream target, TransportContext? context, CancellationToken cancellationToken) =>
        stream.CopyTo(target);

    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync() =>
        Task.FromResult<Stream>(stream);

    /// <inheritdoc/>
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        stream;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
