using System.Numerics;
using System.Runtime.InteropServices;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Bodies;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>Finds out whether a mirror or a cache on the way made wrong bytes, before the mirror is
/// blamed.</summary>
/// <remarks>
/// An hour's quarantine for what the proxy of a hotel did would take all mirrors away, one after
/// the other. So where a cache may have had its hands in it (plain HTTP, or a Via or Age field, RFC
/// 9110 section 7.6.3 and RFC 9111 section 5.1), the mirror is asked once more, past caches and on
/// a new connection. Nobody waits for that: the reader's fetch has gone on elsewhere.
/// </remarks>
/// <param name="fleet">The mirrors.</param>
internal sealed class PastCaches(Fleet fleet)
{
    // Longer than any attempt may take: what is found out is worth waiting for, but not for ever.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    // One question a mirror at a time: a reader of a hundred wrong blocks asks for one again.
    private readonly int[] _isAsking = new int[SiteSet.Capacity];

    /// <summary>Whether a cache may have made what an answer brought.</summary>
    /// <param name="response">The answer.</param>
    /// <returns>False where only the server can have.</returns>
    public static bool IsSuspicious(HttpResponseMessage response) =>
        response.RequestMessage?.RequestUri?.Scheme != Uri.UriSchemeHttps
        || response.Headers.NonValidated.Contains("Via")
        || response.Headers.NonValidated.Contains("Age");

    /// <summary>A checksum of bytes, to tell equal wrong contents.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">The checksum of what lies before them.</param>
    /// <returns>CRC-32C.</returns>
    public static uint Sum(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint sum = before;
        foreach (ulong part in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            sum = BitOperations.Crc32C(sum, part);
        }

        foreach (byte rest in bytes[(bytes.Length & ~7)..])
        {
            sum = BitOperations.Crc32C(sum, rest);
        }

        return sum;
    }

    /// <summary>Asks again for a content that the request's own check found wrong.</summary>
    /// <param name="plan">What was asked for.</param>
    /// <param name="wrong">What came.</param>
    public void Begin(RequestPlan plan, FetchResult wrong) =>
        Begin(
            plan,
            wrong.Site,
            wrong.Body!.Length,
            Sum(wrong.Body.Memory.Span),
            body => plan.Check!(body));

    /// <summary>Asks again for a part of a stream that was found wrong: the same wrong bytes once
    /// more are the mirror's.</summary>
    /// <param name="plan">The part.</param>
    /// <param name="site">Who sent it.</param>
    /// <param name="sum">What it summed up to.</param>
    public void Begin(RequestPlan plan, Site site, uint sum) =>
        Begin(plan, site, plan.Wish.Length, sum, body => Sum(body.Span) != sum);

    private void Begin(
        RequestPlan plan,
        Site site,
        long length,
        uint sum,
        Func<ReadOnlyMemory<byte>, bool?> check)
    {
        if (Interlocked.Exchange(ref _isAsking[site.Index], 1) == 0)
        {
            fleet.Tools.Log.Suspected(fleet.TransportOf(site).Name, plan.Path, length, sum);
            _ = AskAsync(plan, site, check);
        }
    }

    private async Task AskAsync(
        RequestPlan plan, Site site, Func<ReadOnlyMemory<byte>, bool?> check)
    {
        string name = fleet.TransportOf(site).Name;
        fleet.Tools.Enter();
        try
        {
            using CancellationTokenSource late = new(_patience, fleet.Tools.Time);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(
                late.Token, fleet.Tools.Stop.Token);
            await JudgeAsync(plan, site, check, end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (TransportFaults.IsOne(e))
        {
            fleet.Tools.Log.Unresolved(name, plan.Path, TransportFaults.Describe(e));
        }
        finally
        {
            fleet.Tools.Leave();
            Volatile.Write(ref _isAsking[site.Index], 0);
        }
    }

    private async Task JudgeAsync(
        RequestPlan plan,
        Site site,
        Func<ReadOnlyMemory<byte>, bool?> check,
        CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await fleet.TransportOf(site)
            .SendAsync(plan, static () => { }, isPastCaches: true, cancellationToken)
            .ConfigureAwait(false);
        Answer answer = AnswerJudge.Judge(plan, response, fleet.Tools.Time.GetUtcNow());
        string name = fleet.TransportOf(site).Name;
        if (!answer.IsGood || answer.Length > AttemptRun.LongestBody)
        {
            fleet.Tools.Log.Unresolved(name, plan.Path, answer.Fact ?? "it is too long");
            return;
        }

        using PooledBody body = fleet.Tools.Buffers.Rent(
            answer.Length >= 0 ? (int)answer.Length : AttemptRun.LongestBody);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken)
            .ConfigureAwait(false);
        body.Cut(await stream
            .ReadAtLeastAsync(body.Memory, body.Length, false, cancellationToken)
            .ConfigureAwait(false));
        if (answer.Length > body.Length)
        {
            fleet.Tools.Log.Unresolved(name, plan.Path, "the answer broke off");
        }
        else if (check(body.Memory) == false)
        {
            fleet.Blame(
                site,
                response.RequestMessage?.RequestUri,
                AttemptOutcome.Corrupt,
                $"it sent wrong bytes for {plan.Path}, past caches too");
        }
        else
        {
            fleet.Tools.Log.CacheBlamed(name, plan.Path);
        }
    }
}
