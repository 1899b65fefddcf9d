using VMSeed.Gslb.Estimation;

namespace VMSeed.Gslb.Tests.Estimation;

public sealed class SiteEstimateTests
{
    private readonly SiteEstimate _estimate = new();

    [Fact]
    public void One_stall_moves_the_mean_little_and_ten_slow_answers_move_it_far()
    {
        Take(20, times: 30);
        _estimate.TakeFirstByte(5_000, 30);
        Assert.InRange(_estimate.FirstByte, 20, 23);
        Take(200, times: 40);
        Assert.InRange(_estimate.FirstByte, 150, 201);
    }

    [Fact]
    public void Bad_news_fades_and_distance_does_not()
    {
        Take(100, times: 10);
        Take(300, times: 60);
        double soon = _estimate.FirstByteAt(1);
        double later = _estimate.FirstByteAt(20_000);
        double much = _estimate.FirstByteAt(1e9);
        Assert.InRange(soon, 250, 301);
        Assert.InRange(later, 170, 210);
        Assert.Equal(100, much, tolerance: 0.001);
    }

    [Fact]
    public void Slow_start_and_neighbours_are_taken_out_of_the_bandwidth()
    {
        _estimate.TakeFirstByte(100, 0);
        Terms cold = new(SetUps: 1, IsFast: false, Others: 2);

        // 14,600 bytes, then 29,200, then the rest: two rounds more than the first. Two neighbours
        // leave half of the line.
        Assert.Equal(2, cold.RoundsOf(65_536));
        _estimate.TakeBody(65_536, (2 * 100) + 100, cold);
        Assert.Equal(2 * 655.36, _estimate.Bandwidth, tolerance: 0.001);
    }

    [Theory]
    [InlineData(65_536, true)]
    [InlineData(1_048_576, false)]
    public void Size_decides_which_site_is_best(long length, bool isNearBest)
    {
        SiteEstimate near = new();
        near.TakeFirstByte(10, 0);
        near.TakeBody(1_000_000, 1_000, new Terms(0, true, 0));
        SiteEstimate far = new();
        far.TakeFirstByte(100, 0);
        far.TakeBody(1_000_000, 50, new Terms(0, true, 0));
        Terms warm = new(0, true, 0);
        bool isNear = FetchCost.Of(near, length, warm, 0) < FetchCost.Of(far, length, warm, 0);
        Assert.Equal(isNearBest, isNear);
    }

    private void Take(double elapsed, int times)
    {
        for (int sample = 0; sample < times; sample++)
        {
            _estimate.TakeFirstByte(elapsed, 0);
        }
    }
}
