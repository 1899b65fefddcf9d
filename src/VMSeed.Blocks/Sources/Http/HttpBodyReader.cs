using System.Runtime.CompilerServices;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>Reads an answer's body under the watch of its request.</summary>
/// <param name="attempt">The request.</param>
/// <param name="response">Its answer, disposed of with the reader.</param>
/// <param name="body">The answer's body.</param>
internal sealed class HttpBodyReader(HttpTry attempt, HttpResponseMessage response, Stream body)
    : IDisposable
{
    /// <summary>The request.</summary>
    public HttpTry Attempt => attempt;

    /// <summary>Reads what has come, or waits for it.</summary>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The number of bytes, 0 at the body's end.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ProgressWatch watch = attempt.Watch;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            ValueTask<int> read = body.ReadAsync(buffer, watch.Token);
            int count = read.IsCompletedSuccessfully
                ? read.Result
                : await WaitAsync(read, cancellationToken).ConfigureAwait(false);
            watch.Advance(count);
            return count;
        }
        catch (Exception e)
        {
            throw attempt.Translate(e, cancellationToken);
        }
    }

    // The handler underneath drains a short rest, to use the connection again, and cuts a long one
    // off.
    /// <inheritdoc/>
    public void Dispose()
    {
        response.Dispose();
        attempt.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(
        ValueTask<int> read, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration caller = attempt.Watch.BeginWait(cancellationToken);
        try
        {
            return await read.ConfigureAwait(false);
        }
        finally
        {
            attempt.Watch.EndWait();
        }
    }
}
