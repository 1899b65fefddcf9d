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

    [Fact]
    public void What_is_remembered_is_doubted_and_more_the_older_it_is()
    {
        _estimate.Restore(100, 10, 90, 5_000, age: 0, now: 0);
        Assert.Equal((100, 20, 90, true), (
            _estimate.FirstByte, _estimate.Deviation, _estimate.RoundTrip, _estimate.IsPrior));
        _estimate.Restore(100, 10, 90, 5_000, age: 7 * 86_400_000.0, now: 0);
        Assert.Equal(40, _estimate.Deviation);
    }

    [Fact]
    public void A_first_answer_that_refutes_what_is_remembered_takes_its_place()
    {
        _estimate.Restore(10, 1, 9, 5_000, age: 1_000, now: 0);
        _estimate.TakeFirstByte(200, 0);
        Assert.Equal(
            (200, 200, 0, false),
            (_estimate.FirstByte, _estimate.Trip, _estimate.Bandwidth, _estimate.IsPrior));
    }

    [Fact]
    public void A_first_answer_that_agrees_with_it_corrects_what_is_remembered()
    {
        _estimate.Restore(100, 10, 90, 5_000, age: 1_000, now: 0);
        _estimate.TakeFirstByte(120, 0);
        Assert.InRange(_estimate.FirstByte, 101, 119);
        Assert.Equal((90, 5_000), (_estimate.Trip, _estimate.Bandwidth));
        _estimate.TakeFirstByte(2_000, 1);
        Assert.Equal(90, _estimate.Trip);
    }

    private void Take(double elapsed, int times)
    {
        for (int sample = 0; sample < times; sample++)
        {
            _estimate.TakeFirstByte(elapsed, 0);
        }
    }
}
