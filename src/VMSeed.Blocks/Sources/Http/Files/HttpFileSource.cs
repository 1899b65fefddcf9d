using System.Net;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http.Files;

/// <summary>One file of a web server, every answer held to the version that the first one
/// named.</summary>
/// <remarks>As with a repository, one call is one try. The body of the first answer is not thrown
/// away: it serves the first request for the same bytes, so opening a file and reading its header
/// are one request.</remarks>
internal sealed class HttpFileSource : ObjectSource
{
    private readonly FileAddress _address;
    private readonly HttpSourceOptions _options;
    private readonly TimeProvider _time;
    private readonly RangedGet _get;
    private FileVersion? _version;
    private FirstBody? _first;

    /// <summary>Reads a file.</summary>
    /// <param name="client">Sends the requests; the caller's.</param>
    /// <param name="address">The file.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Measures them.</param>
    /// <param name="logger">Hears of a server without ranges, once.</param>
    public HttpFileSource(
        HttpClient client,
        FileAddress address,
        HttpSourceOptions options,
        TimeProvider time,
        ILogger logger)
    {
        options.Validate();
        (_address, _options, _time) = (address, options, time);
        _get = new RangedGet(client, address.Folder, options, time, logger);
    }

    /// <summary>Asks for the first bytes, and binds the source to the version that answers.
    /// </summary>
    /// <param name="length">How many bytes.</param>
    /// <param name="pastCaches">Whether caches on the way must ask the origin.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The version.</returns>
    /// <exception cref="BlockIOException">Every failure but cancellation.</exception>
    public async Task<FileVersion> BindAsync(
        int length, bool pastCaches, CancellationToken cancellationToken)
    {
        HttpTry attempt = _get.Begin(_address.Name);
        var request = new ObjectRequest(_address.Name, 0, length, PastCaches: pastCaches);
        FileVersion? version = null;
        HttpObjectBody body = await _get.OpenAsync(attempt, request, null, Check, cancellationToken)
            .ConfigureAwait(false);
        _first = new FirstBody(body, (int)Math.Min(length, version!.Length));
        return _version = version;

        BodyPart Check(HttpResponseMessage response)
        {
            version = FileStart.Check(attempt, response, length, _options, _time);
            return new BodyPart(0, (int)Math.Min(length, version.Length));
        }
    }

    /// <summary>Lets the first answer go, if nothing has asked for its bytes.</summary>
    /// <returns>Whether nothing had.</returns>
    public async ValueTask<bool> ForgetFirstAsync()
    {
        if (Interlocked.Exchange(ref _first, null) is not { } first)
        {
            return false;
        }

        await first.Body.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public override async ValueTask<ObjectBody> OpenAsync(
        ObjectRequest request, CancellationToken cancellationToken)
    {
        if (request.Offset == 0
            && _first?.Length == request.Length
            && Interlocked.Exchange(ref _first, null) is { } first)
        {
            return first.Body;
        }

        HttpTry attempt = _get.Begin(request.Path);
        return await _get
            .OpenAsync(attempt, request, _version!.Demand, Check, cancellationToken)
            .ConfigureAwait(false);

        BodyPart Check(HttpResponseMessage response)
        {
            CheckVersion(attempt, response, request.PastCaches);
            HttpAnswer.CheckStatus(attempt, response, request, _time);
            long skip = HttpAnswer.CheckRange(attempt, response, request, _options.MaxWholeObject);
            return new BodyPart(skip, request.Length);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<byte[]> ReadWholeAsync(
        string path,
        int limit,
        Func<ReadOnlyMemory<byte>, bool?>? check,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_version!.Length, limit);
        byte[] bytes = new byte[_version.Length];
        var request = new ObjectRequest(path, 0, bytes.Length, bytes.Length);
        ObjectBody body = await OpenAsync(request, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await body.FillAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        return bytes;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync() =>
        await ForgetFirstAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public override string ToString() => _address.ToString();

    // A cache on the way may have kept the old version, or the new one: the origin is asked once.
    // What it says is final.
    private void CheckVersion(HttpTry attempt, HttpResponseMessage response, bool pastCaches)
    {
        bool isRefused = response.StatusCode == HttpStatusCode.PreconditionFailed;
        bool hasBytes = response.StatusCode
            is HttpStatusCode.OK or HttpStatusCode.PartialContent;
        string? difference = isRefused
            ? "its server says so (412)"
            : hasBytes ? _version!.DifferenceIn(response) : null;
        if (difference is not null)
        {
            throw attempt.ChangeFailure(
                $"has changed since it was opened ({_version}): {difference}",
                canRetry: !pastCaches);
        }
    }

    /// <summary>The body of the first answer.</summary>
    /// <param name="Body">The body.</param>
    /// <param name="Length">Its length in bytes.</param>
    private sealed record FirstBody(HttpObjectBody Body, int Length);
}
