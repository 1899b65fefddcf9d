using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests.Diagnostics;

public sealed class MirrorTelemetryTests : IAsyncDisposable
{
    private readonly Farm _farm = new(3);

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public async Task Instruments_tell_what_was_chosen_and_what_came_of_it()
    {
        byte[] file = _farm.Write("objects/a", 5000);
        ConcurrentQueue<(string Name, double Value, string Tags)> seen = new();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "VMSeed.Gslb")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Take(i, value, tags));
        listener.Start();
        _farm.Break(1, Fault.Status(500));
        await _farm.ReadAsync("objects/a", file, 0, 5000);
        await _farm.UntilNothingIsHeldAsync();
        string[] mine = [.. _farm.Servers.Select(server => server.Root.ToString())];
        (string Name, double Value, string Tags)[] own =
            [.. seen.Where(x => Array.Exists(mine, name => x.Tags.Contains(name)))];
        Assert.Equal(
            ["reason=choice", "reason=retry"],
            TagsOf("vmseed.mirror.attempts").Take(2));
        Assert.Equal(
            ["outcome=servererror", "outcome=delivered"],
            TagsOf("vmseed.mirror.outcomes").Take(2));
        Assert.True(own.Where(x => x.Name == "vmseed.mirror.io").Sum(x => x.Value) >= 5000);
        Assert.Contains(seen, x => x.Name == "vmseed.mirror.retries");
        Assert.Contains(seen, x => x.Name == "vmseed.mirror.request.duration" && x.Value > 0);

        IEnumerable<string> TagsOf(string name) =>
            own.Where(x => x.Name == name).Select(x => x.Tags.Split(' ')[1]);

        void Take<T>(
            Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            where T : struct, IConvertible => seen.Enqueue((
                instrument.Name,
                value.ToDouble(null),
                string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
    }

    [Fact]
    public async Task Spans_tell_why_a_mirror_was_asked()
    {
        byte[] file = _farm.Write("objects/traced", 5000);
        ConcurrentQueue<Activity> seen = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "VMSeed.Gslb",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                ActivitySamplingResult.AllData,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        _farm.Break(1, Fault.Status(500));
        await _farm.ReadAsync("objects/traced", file, 0, 5000);
        await _farm.UntilNothingIsHeldAsync();
        Activity fetch = Assert.Single(
            seen, span => (string?)span.GetTagItem("vmseed.path") == "objects/traced");
        Activity[] attempts =
            [.. seen.Where(span => span.ParentSpanId == fetch.SpanId && span != fetch)
                .OrderBy(span => span.StartTimeUtc).Take(2)];
        Assert.Equal(["choice", "retry"], attempts.Select(span => span.GetTagItem("reason")));
        Assert.Equal(
            ["servererror", "delivered"], attempts.Select(span => span.GetTagItem("outcome")));
        Assert.All(attempts, span => Assert.NotNull(span.GetTagItem("vmseed.predicted_ms")));
        Assert.All(attempts, span => Assert.Equal("best", span.GetTagItem("vmseed.choice")));
    }

    [Fact]
    public async Task Each_ejection_is_logged_once_with_its_cause_and_two_mirrors_are_left()
    {
        await using Farm farm = new(4);
        byte[] file = farm.Write("objects/a", 5000);
        farm.BreakAll(Fault.Status(500));
        for (int i = 0; i < 16; i++)
        {
            using HttpRequestMessage request = Farm.Ask("objects/a");
            request.Options.Set(new HttpRequestOptionsKey<bool>("VMSeed.Prefetch"), i % 2 == 0);
            using HttpResponseMessage response = await farm.SendAsync(request);
            Assert.Equal(500, (int)response.StatusCode);
        }

        string[] lines = [.. farm.Log.Warnings.Where(line => line.Contains("out of use for"))];
        Assert.Equal(2, lines.Length);
        Assert.Equal(2, lines.Distinct().Count());
        Assert.All(lines, line => Assert.Contains("answered 500", line));
        Assert.InRange(farm.Log.Warnings.Length, 2, 3);
    }

    [Fact]
    public void Nothing_is_allocated_while_nobody_listens()
    {
        double bytes = Allocations.Measure(() =>
        {
            MirrorTraces.BeginFetch("a", 1)?.Dispose();
            MirrorTraces.BeginAttempt(null, "a", "b", "c", 1)?.Dispose();
            MirrorMeter.Attempts.Add(1, new("mirror", "a"), new("reason", "choice"));
            MirrorMeter.Bytes.Add(1, new KeyValuePair<string, object?>("mirror", "a"));
            MirrorMeter.Duration.Record(1);
        });
        Assert.InRange(bytes, 0, 1);
    }
}
