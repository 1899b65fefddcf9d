using System.Diagnostics;
using System.Runtime.CompilerServices;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Transport.Bodies;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>One attempt on the network: asks a mirror, reads, checks, and tells the
/// driver.</summary>
/// <remarks>It lets go of what it holds (connection, buffer) before its task ends, however it ends;
/// what it brought belongs to the driver once the driver has taken it.</remarks>
/// <param name="driver">The fetch.</param>
/// <param name="attempt">The attempt, as the state machine knows it.</param>
/// <param name="reason">Why it is made.</param>
internal sealed class AttemptRun(FetchDriver driver, Attempt attempt, string reason)
    : IDisposable
{
    /// <summary>Bytes up to which a body is fetched whole and checked before the reader gets any
    /// of it. More would keep a reader waiting for bytes that have long come; less would leave a
    /// block unhedged.</summary>
    public const int LongestBody = 1 << 20;

    // What lands here is counted and never read, so that all bodies share it.
    private static readonly byte[] _probe = new byte[1];

    private readonly CancellationTokenSource _stop = new();
    private Activity? _span;
    private bool _isOver;

    /// <summary>The attempt, as the state machine knows it.</summary>
    public Attempt Attempt => attempt;

    /// <summary>Who is asked.</summary>
    public string Name { get; } = driver.Fleet.TransportOf(attempt.Site).Name;

    /// <summary>What is asked for, below the root.</summary>
    public string Path => driver.Plan.Path;

    /// <summary>Why it was made.</summary>
    public string Reason => reason;

    /// <summary>What happened, as the end of a sentence that begins with the mirror.</summary>
    public string? Fact { get; set; }

    /// <summary>An answer that says no; its body has been dropped.</summary>
    public HttpResponseMessage? Refusal { get; private set; }

    /// <summary>Milliseconds that the server asked to be left alone.</summary>
    public double RetryAfter { get; private set; }

    /// <summary>What was thrown.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Gives it up; what still comes is dropped.</summary>
    public void Cancel()
    {
        lock (_stop)
        {
            if (!_isOver)
            {
                _stop.Cancel();
            }
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>Ends when nothing is held any more.</returns>
    public async Task RunAsync()
    {
        driver.Fleet.Tools.Enter();
        _span = MirrorTraces.BeginAttempt(
            driver.Span, Name, Reason, FetchNotes.NameOf(attempt.Reason), attempt.Predicted);
        HttpResponseMessage? response = null;
        try
        {
            response = await driver.Fleet.TransportOf(attempt.Site)
                .SendAsync(driver.Plan, OnConnected, isPastCaches: false, _stop.Token)
                .ConfigureAwait(false);
            response = await TakeAsync(response).ConfigureAwait(false) ? null : response;
        }
        catch (Exception e) when (Explain(e))
        {
            driver.End(this, TransportFaults.OutcomeOf(e));
        }
        finally
        {
            response?.Dispose();
            _span?.SetTag("outcome", OutcomeNames.Of(attempt.Outcome));
            Dispose();
            driver.Fleet.Tools.Leave();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_stop)
        {
            _isOver = true;
            _stop.Dispose();
            _span?.Dispose();
        }
    }

    // True where the response has passed on to somebody else.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TakeAsync(HttpResponseMessage response)
    {
        Answer answer = AnswerJudge.Judge(
            driver.Plan, response, driver.Fleet.Tools.Time.GetUtcNow());
        if (!answer.IsGood)
        {
            return Refuse(response, answer);
        }

        if (!driver.TakeHead(this))
        {
            return false;
        }

        if (!driver.Plan.HasBody || answer.Length == 0)
        {
            return driver.Deliver(
                this, new FetchResult(attempt.Site, response, answer, null, null));
        }

        Stream stream = await response.Content.ReadAsStreamAsync(_stop.Token).ConfigureAwait(false);
        bool isWhole = answer.Length is > 0 and <= LongestBody
            || (answer.Length < 0 && driver.Plan.Check is not null);
        return isWhole
            ? await ReadAsync(response, answer, stream).ConfigureAwait(false)
            : driver.Deliver(
                this, new FetchResult(attempt.Site, response, answer, null, stream));
    }

    private bool Refuse(HttpResponseMessage response, in Answer answer)
    {
        Fact = answer.Fact;
        RetryAfter = answer.RetryAfter;
        bool isKept = (int)response.StatusCode >= 300;
        if (isKept)
        {
            response.Content.Dispose();
            response.Content = new ByteArrayContent([]);
            Refusal = response;
        }

        driver.Fleet.BlameServer(
            attempt.Site, response.RequestMessage?.RequestUri, answer.Outcome, answer.Fact!);
        driver.End(this, answer.Outcome, answer.RetryAfter);
        return isKept;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync(
        HttpResponseMessage response, Answer answer, Stream stream)
    {
        PooledBody body = driver.Fleet.Tools.Buffers.Rent(
            answer.Length >= 0 ? (int)answer.Length : LongestBody);
        bool isTaken = false;
        try
        {
            if (await FillAsync(body, stream, answer.Length).ConfigureAwait(false))
            {
                isTaken = Judge(new FetchResult(attempt.Site, response, answer, body, null));
            }
        }
        finally
        {
            if (!isTaken)
            {
                body.Dispose();
            }
        }

        return isTaken;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(PooledBody body, Stream stream, long length)
    {
        int filled = 0;
        while (filled < body.Length)
        {
            int count = await stream.ReadAsync(body.Memory[filled..], _stop.Token)
                .ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            filled += count;
            driver.TakeBytes(this, count);
        }

        if (length >= 0 && filled < length)
        {
            Fact = $"ended after {filled} of {length} bytes";
            driver.End(this, AttemptOutcome.Broken);
            return false;
        }

        body.Cut(filled);
        return await CheckEndAsync(stream, filled).ConfigureAwait(false);
    }

    // Reading the end of a body without a length frees its connection, too.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> CheckEndAsync(Stream stream, int filled)
    {
        if (await stream.ReadAsync(_probe, _stop.Token).ConfigureAwait(false) == 0)
        {
            return true;
        }

        Fact = $"sent more than {filled} bytes";
        driver.End(this, AttemptOutcome.Malformed);
        return false;
    }

    private bool Judge(FetchResult result)
    {
        switch (driver.Plan.Check is { } check ? check(result.Body!.Memory) : true)
        {
            case true:
                return driver.Deliver(this, result);
            case null:
                Fact = "has an older version than is known";
                return driver.KeepStale(this, result);
            case false:
                Fact = "sent wrong bytes";
                Accuse(result);
                return false;
        }
    }

    private void Accuse(FetchResult result)
    {
        if (PastCaches.IsSuspicious(result.Response))
        {
            driver.Fleet.PastCaches.Begin(driver.Plan, result);
            driver.End(this, AttemptOutcome.Suspect);
            return;
        }

        driver.Fleet.BlameServer(attempt.Site, result.Server, AttemptOutcome.Corrupt, Fact!);
        driver.End(this, AttemptOutcome.Corrupt);
    }

    private void OnConnected() => driver.TakeConnection(this);

    // What is thrown below is the network's; anything else is ours, and ends the fetch.
    private bool Explain(Exception thrown)
    {
        Error = thrown;
        Fact ??= TransportFaults.Describe(thrown);
        if (!TransportFaults.IsOne(thrown))
        {
            driver.Fault(thrown);
        }

        return true;
    }
}
