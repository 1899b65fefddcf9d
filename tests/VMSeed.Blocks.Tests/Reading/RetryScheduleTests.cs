using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Tests.Reading;

public sealed class RetryScheduleTests
{
    private static readonly ReadPolicy _policy =
        new(TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Unavailable_is_tried_until_the_deadline_with_growing_delays()
    {
        RetrySchedule schedule = New(ReadPurpose.Foreground);
        var delays = new List<TimeSpan>();
        while (await WaitAsync(schedule, Failure(FailureReason.Unavailable)) is { } delay)
        {
            delays.Add(delay);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(200), delays[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(400), delays[1]);
        Assert.Equal(TimeSpan.FromSeconds(5), delays[^1]);
        Assert.InRange(delays.Sum(d => d.TotalSeconds), 50, 60);
    }

    [Fact]
    public async Task The_servers_wish_replaces_the_delay()
    {
        RetrySchedule schedule = New(ReadPurpose.Foreground);
        BlockIOException failure = Failure(FailureReason.Unavailable, TimeSpan.FromSeconds(17));
        Assert.Equal(TimeSpan.FromSeconds(17), await WaitAsync(schedule, failure));
    }

    [Fact]
    public async Task A_wish_beyond_the_deadline_ends_the_read_at_once()
    {
        RetrySchedule schedule = New(ReadPurpose.Foreground);
        BlockIOException failure = Failure(FailureReason.Unavailable, TimeSpan.FromSeconds(61));
        Assert.Null(await WaitAsync(schedule, failure));
    }

    [Theory]
    [InlineData(FailureReason.Corrupt)]
    [InlineData(FailureReason.Missing)]
    public async Task What_the_origin_says_twice_is_final(FailureReason reason)
    {
        RetrySchedule schedule = New(ReadPurpose.Foreground);
        Assert.False(schedule.PastCaches);
        Assert.Equal(TimeSpan.Zero, await WaitAsync(schedule, Failure(reason)));
        Assert.True(schedule.PastCaches);
        Assert.Null(await WaitAsync(schedule, Failure(reason)));
    }

    [Fact]
    public async Task Refused_is_final()
    {
        Assert.Null(await WaitAsync(New(ReadPurpose.Foreground), Failure(FailureReason.Refused)));
    }

    [Fact]
    public async Task A_prefetch_is_not_tried_again()
    {
        Assert.Null(await WaitAsync(New(ReadPurpose.Prefetch), Failure(FailureReason.Unavailable)));
    }

    private static BlockIOException Failure(FailureReason reason, TimeSpan? retryAfter = null) =>
        new(reason, "It failed.") { RetryAfter = retryAfter };

    // Full jitter at its mean: half of twice the delay.
    private RetrySchedule New(ReadPurpose purpose) => new(_policy, _time, () => 0.5, purpose);

    private async Task<TimeSpan?> WaitAsync(RetrySchedule schedule, BlockIOException failure)
    {
        long start = _time.GetTimestamp();
        Task<bool> wait = schedule.WaitAsync(failure, default).AsTask();
        while (!wait.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        return await wait ? _time.GetElapsedTime(start) : null;
    }
}
