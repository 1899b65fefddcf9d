namespace VMSeed.Guest.Storage;

/// <summary>Tells the console when no mirror answers any more, and when one is back.</summary>
/// <remarks>Readers do not see it: they wait. So somebody has to say what they wait for.</remarks>
internal sealed class OutageWatch(
    HttpMessageHandler mirrors, ConsoleQueue console, TimeProvider time)
    : DelegatingHandler(mirrors)
{
    // A single fetch that failed is tried again at once; a server that restarts is back in this.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private static readonly HttpRequestOptionsKey<Uri> s_mirror = new("VMSeed.Mirror");

    private readonly Lock _gate = new();
    private DateTimeOffset? _since;
    private bool _isTold;

    /// <summary>Since when nobody answers; null while somebody does.</summary>
    public DateTimeOffset? NobodySince
    {
        get { lock (_gate) { return _since; } }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            Missed(failure.Message);
            throw;
        }

        if ((int)response.StatusCode >= 500)
        {
            Missed($"{(int)response.StatusCode} {response.ReasonPhrase}");
        }
        else
        {
            Answered(request, response);
        }

        return response;
    }

    private void Missed(string fact)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            _since ??= now;
            if (_isTold || now - _since < s_patience) { return; }

            _isTold = true;
        }

        console.Say($"no mirror answers, going on trying: {fact}");
    }

    private void Answered(HttpRequestMessage request, HttpResponseMessage response)
    {
        bool wasTold;
        lock (_gate)
        {
            (wasTold, _isTold, _since) = (_isTold, false, null);
        }

        if (wasTold)
        {
            HttpRequestOptions options = (response.RequestMessage ?? request).Options;
            Uri? by = options.TryGetValue(s_mirror, out Uri? mirror) ? mirror : request.RequestUri;
            console.Say($"mirror {by?.GetLeftPart(UriPartial.Authority)} is back");
        }
    }
}
