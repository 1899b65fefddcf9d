using System.Net;
using System.Net.Http.Headers;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What a client gets when no mirror brought what it asked for.</summary>
/// <remarks>An answer, where all answers together are one: what every mirror lacks is not there,
/// and where all wish to be left alone, the first to be ready says when. Else an error that names
/// each mirror and what it did.</remarks>
internal static class FetchFailure
{
    /// <summary>Makes an answer.</summary>
    /// <param name="driver">The fetch that failed.</param>
    /// <returns>The answer; null where there is none, only an error.</returns>
    public static HttpResponseMessage? TryAnswer(FetchDriver driver)
    {
        IReadOnlyList<AttemptRun> runs = driver.Runs;
        if (runs.Count == 0 || runs.Any(run => run.Refusal is null))
        {
            return null;
        }

        if (runs.All(run => run.Attempt.Outcome == AttemptOutcome.Missing))
        {
            return runs[^1].Refusal;
        }

        AttemptRun[] busy = [.. runs.Where(run => run.Attempt.Outcome == AttemptOutcome.Busy)];
        return busy.Length > 0
            ? ComeBack(busy.Min(run => run.RetryAfter))
            : runs.Last(run => run.Attempt.Outcome != AttemptOutcome.Missing).Refusal;
    }

    /// <summary>Makes the error.</summary>
    /// <param name="driver">The fetch that failed.</param>
    /// <returns>The error.</returns>
    public static HttpRequestException ToException(FetchDriver driver) =>
        new(
            HttpRequestError.Unknown,
            $"No mirror brought {driver.Plan.Path}: {Describe(driver)}.",
            CauseOf(driver));

    /// <summary>What was thrown last.</summary>
    /// <param name="driver">The fetch that failed.</param>
    /// <returns>Null where nothing was.</returns>
    public static Exception? CauseOf(FetchDriver driver) =>
        driver.Runs.LastOrDefault(run => run.Error is not null)?.Error;

    /// <summary>Says what each mirror did.</summary>
    /// <param name="driver">The fetch that failed.</param>
    /// <returns>The middle of a sentence.</returns>
    public static string Describe(FetchDriver driver) =>
        driver.Runs.Count > 0
            ? string.Join(
                "; ",
                driver.Runs.Select(run =>
                    $"{run.Name} {run.Fact ?? OutcomeNames.Of(run.Attempt.Outcome)}"))
            : "none may be asked: " + string.Join(
                ", ",
                driver.Fleet.Desk.Sites.Select(site =>
                    $"{driver.Fleet.TransportOf(site).Name} is {Condition(driver, site)}"));

    private static string Condition(FetchDriver driver, Selection.Site site) =>
        site.Health.At(driver.Fleet.Now).ToString().ToLowerInvariant();

    private static HttpResponseMessage ComeBack(double milliseconds)
    {
        HttpResponseMessage response = new(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(
            TimeSpan.FromSeconds(Math.Ceiling(milliseconds / 1_000)));
        return response;
    }
}
