using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Sources.Http;

namespace VMSeed.Blocks.Tests.Sources.Http;

public sealed class ProgressWatchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ProgressWatch _watch;

    public ProgressWatchTests() => _watch = new ProgressWatch(new HttpSourceOptions(), _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Silence_ends_it_after_the_no_progress_timeout()
    {
        _watch.BeginWait(Stop);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(_watch.HasFired);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_watch.Token.IsCancellationRequested);
        _watch.EndWait();
        Assert.Equal("sent nothing for 10 s", _watch.Describe());
    }

    [Fact]
    public void One_byte_every_nine_seconds_ends_after_the_slow_start()
    {
        double seconds = 0;
        while (!_watch.HasFired)
        {
            _watch.BeginWait(Stop);
            for (int i = 0; i < 90 && !_watch.HasFired; i++, seconds += 0.1)
            {
                _time.Advance(TimeSpan.FromSeconds(0.1));
            }

            _watch.EndWait();
            _watch.Advance(1);
        }

        Assert.InRange(seconds, 20, 20.2);
        Assert.Contains("slower than 4096 B/s", _watch.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_server_holds_a_request_longer_than_its_length_allows()
    {
        const int length = 1 << 20;
        double seconds = 0;
        while (!_watch.HasFired && _watch.Received < length)
        {
            _watch.BeginWait(Stop);
            _time.Advance(TimeSpan.FromSeconds(1));
            seconds++;
            _watch.EndWait();
            _watch.Advance(4000);
        }

        Assert.True(seconds <= 20 + (length / 4096) + 1, $"{seconds} s");
    }

    [Fact]
    public void A_fast_enough_server_is_never_ended()
    {
        for (int i = 0; i < 100_000; i++)
        {
            _watch.BeginWait(Stop);
            _time.Advance(TimeSpan.FromSeconds(1));
            _watch.EndWait();
            _watch.Advance(4200);
        }

        Assert.False(_watch.HasFired);
    }

    [Fact]
    public void Time_that_the_reader_takes_is_not_the_servers()
    {
        _watch.BeginWait(Stop);
        _watch.EndWait();
        _time.Advance(TimeSpan.FromHours(5));
        _watch.BeginWait(Stop);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(_watch.HasFired);
    }

    [Fact]
    public void A_caller_ends_only_what_it_waits_for()
    {
        using CancellationTokenSource caller = new();
        _watch.BeginWait(caller.Token).Dispose();
        _watch.EndWait();
        caller.Cancel();
        Assert.False(_watch.HasFired);
        _watch.BeginWait(caller.Token);
        Assert.True(_watch.HasFired);
    }

    [Fact]
    public void What_a_handler_holds_back_and_announces_is_progress()
    {
        _watch.BeginWait(Stop);
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(9));
            _watch.Announce(9 * 4200);
        }

        Assert.False(_watch.HasFired);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_watch.HasFired);
    }

    [Fact]
    public void Turning_to_other_servers_is_no_way_to_wait_for_ever()
    {
        _watch.BeginWait(Stop);
        _time.Advance(TimeSpan.FromSeconds(9));
        _watch.Announce(0);
        _time.Advance(TimeSpan.FromSeconds(9));
        _watch.Announce(0);
        Assert.False(_watch.HasFired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_watch.HasFired);
    }

    [Fact]
    public void An_announcement_while_nobody_waits_arms_nothing()
    {
        _watch.BeginWait(Stop);
        _watch.EndWait();
        _watch.Announce(1);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_watch.HasFired);
    }

    [Fact]
    public void Arming_it_again_allocates_nothing()
    {
        using ProgressWatch watch = new(new HttpSourceOptions(), TimeProvider.System);
        using CancellationTokenSource caller = new();
        Wait(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Wait(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Wait(int times)
        {
            for (int i = 0; i < times; i++)
            {
                using CancellationTokenRegistration heard = watch.BeginWait(caller.Token);
                watch.EndWait();
            }
        }
    }
}
