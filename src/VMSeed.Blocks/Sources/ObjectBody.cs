namespace VMSeed.Blocks.Sources;

/// <summary>The bytes of one request as they arrive: exactly as many as were asked for, or an
/// error.</summary>
internal abstract class ObjectBody : IAsyncDisposable
{
    /// <summary>Fills a buffer with the next bytes.</summary>
    /// <param name="buffer">The buffer; all of it is filled.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>A task that is done when the buffer is full.</returns>
    /// <exception cref="Primitives.BlockIOException">The bytes ended early, stalled or
    /// failed.</exception>
    public abstract ValueTask FillAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Tells the source whether the bytes since the verdict before are what the signed
    /// head stands for, so that it can blame the server that sent them.</summary>
    /// <param name="isRight">Whether they are.</param>
    public virtual void Judge(bool isRight)
    {
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
