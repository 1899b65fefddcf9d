using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>A repository on any web server, read through ranges (RFC 9110 section 14).</summary>
/// <remarks>
/// One call is one try: no retry, no second mirror, no memory of failures; all that stands above,
/// in the read path, or inside the HttpClient, as a handler. What a try may cost is bounded here:
/// memory by the buffers that the caller passes in, time by <see cref="ProgressWatch"/>, and the
/// answer by <see cref="HttpAnswer"/>, which takes nothing for the range that does not say so
/// itself.
/// </remarks>
internal sealed class HttpObjectSource : ObjectSource
{
    private readonly HttpClient _client;
    private readonly WebAddress _address;
    private readonly HttpSourceOptions _options;
    private readonly TimeProvider _time;
    private readonly RangedGet _get;
    private readonly Action<HttpRequestMessage> _describe;
    private readonly bool _ownsClient;
    private IReadOnlyList<Uri>? _mirrors;

    /// <summary>Reads a repository.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="repositoryRoot">The folder that holds <c>images/</c> and <c>objects/</c>; its
    /// query goes with every request.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Measures them.</param>
    /// <param name="logger">Hears of a server without ranges, once.</param>
    /// <param name="ownsClient">Whether the client is disposed of with the source.</param>
    public HttpObjectSource(
        HttpClient client,
        Uri repositoryRoot,
        HttpSourceOptions options,
        TimeProvider time,
        ILogger logger,
        bool ownsClient = false)
    {
        options.Validate();
        _client = client;
        _address = new WebAddress(repositoryRoot);
        _options = options;
        _time = time;
        _get = new RangedGet(client, _address, options, time, logger);
        _describe = Describe;
        _ownsClient = ownsClient;
    }

    /// <inheritdoc/>
    public override async ValueTask<ObjectBody> OpenAsync(
        ObjectRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Length);
        HttpTry attempt = Begin(request.Path);
        return await _get.OpenAsync(attempt, request, _describe, Check, cancellationToken)
            .ConfigureAwait(false);

        BodyPart Check(HttpResponseMessage response)
        {
            HttpAnswer.CheckStatus(attempt, response, request, _time);
            long skip = HttpAnswer.CheckRange(attempt, response, request, _options.MaxWholeObject);
            return new BodyPart(skip, request.Length);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Caches on the way are passed by: what is read whole is what a publisher
    /// changes.</remarks>
    public override async ValueTask<byte[]> ReadWholeAsync(
        string path,
        int limit,
        Func<ReadOnlyMemory<byte>, bool?>? check,
        CancellationToken cancellationToken)
    {
        using HttpTry attempt = Begin(path);
        using HttpRequestMessage message = AskForWhole(path, check);
        try
        {
            using HttpResponseMessage response = await attempt
                .SendAsync(_client, message, cancellationToken)
                .ConfigureAwait(false);
            HttpAnswer.CheckStatus(attempt, response, request: null, _time);
            HttpAnswer.CheckWhole(attempt, response, limit);
            Stream body = await response.Content.ReadAsStreamAsync(attempt.Watch.Token)
                .ConfigureAwait(false);
            using HttpBodyReader reader = new(attempt, response, body);
            return await ReadToEndAsync(reader, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw attempt.Translate(e, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override void UseMirrors(IReadOnlyList<Uri> mirrors) =>
        _mirrors = mirrors.Count > 0 ? mirrors : null;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (_ownsClient)
        {
            _client.Dispose();
        }

        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => _address.ToString();

    private HttpRequestMessage AskForWhole(
        string path, Func<ReadOnlyMemory<byte>, bool?>? check)
    {
        HttpRequestMessage message = _address.Ask(_client, path, pastCaches: true);
        Describe(message);
        message.Options.Set(HttpSourceKeys.Mutable, true);
        if (check is not null)
        {
            message.Options.Set(HttpSourceKeys.Check, check);
        }

        return message;
    }

    private void Describe(HttpRequestMessage message)
    {
        message.Options.Set(HttpSourceKeys.Root, _address.Root);
        if (_mirrors is { } mirrors)
        {
            message.Options.Set(HttpSourceKeys.Mirrors, mirrors);
        }
    }

    private HttpTry Begin(string path)
    {
        HttpTry attempt = _get.Begin(path);
        if (ObjectPath.IsValid(path))
        {
            return attempt;
        }

        using (attempt)
        {
            throw attempt.Failure(
                FailureReason.Refused, "is not asked for: no repository has such a name");
        }
    }

    private static async ValueTask<byte[]> ReadToEndAsync(
        HttpBodyReader reader, int limit, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[limit + 1];
        int filled = 0;
        while (filled <= limit)
        {
            int count = await reader.ReadAsync(bytes.AsMemory(filled), cancellationToken)
                .ConfigureAwait(false);
            if (count == 0)
            {
                return bytes[..filled];
            }

            filled += count;
        }

        throw reader.Attempt.Failure(
            FailureReason.Refused,
            $"goes on after {limit} bytes; more than {limit} bytes are not read");
    }
}
