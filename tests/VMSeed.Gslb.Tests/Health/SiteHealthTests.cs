using VMSeed.Gslb.Health;

namespace VMSeed.Gslb.Tests.Health;

public sealed class SiteHealthTests
{
    private readonly SiteHealth _health = new(() => 0.5);

    [Fact]
    public void One_failure_is_forgiven_and_two_in_a_row_are_not()
    {
        Assert.False(_health.Fail(0, mayEject: true));
        _health.Succeed(1);
        Assert.False(_health.Fail(2, mayEject: true));
        Assert.Equal(SiteCondition.Healthy, _health.At(2));
        Assert.True(_health.Fail(3, mayEject: true));
        Assert.Equal(SiteCondition.Ejected, _health.At(3));
        Assert.Equal(1, _health.Ejections);
    }

    [Fact]
    public void Every_third_request_that_fails_ejects_in_the_end()
    {
        bool isEjected = false;
        for (int request = 0; request < 60 && !isEjected; request++)
        {
            if (request % 3 == 2)
            {
                isEjected = _health.Fail(request, mayEject: true);
            }
            else
            {
                _health.Succeed(request);
            }
        }

        Assert.True(isEjected);
    }

    [Fact]
    public void An_ejected_site_comes_back_by_probation_and_slow_start()
    {
        Eject(0);
        Assert.Equal(SiteCondition.Ejected, _health.At(14_000));
        Assert.Equal(SiteCondition.Probation, _health.At(16_000));
        Assert.True(_health.Succeed(16_000));
        Assert.Equal(SiteCondition.SlowStart, _health.At(20_000));
        Assert.Equal(SiteCondition.Healthy, _health.At(26_001));
    }

    [Fact]
    public void Each_ejection_is_longer_up_to_a_bound_and_quiet_makes_them_short_again()
    {
        List<double> lengths = [];
        double now = 0;
        Eject(now);
        for (int round = 0; round < 8; round++)
        {
            lengths.Add(_health.EjectedUntil - now);
            now = _health.EjectedUntil + 1;
            Assert.True(_health.Fail(now, mayEject: true));
        }

        Assert.Equal([15_000, 30_000, 45_000, 45_000, 45_000], lengths.Take(5));
        now = _health.EjectedUntil + 1;
        _health.Succeed(now);
        now += 600_000;
        Eject(now);
        Assert.Equal(15_000, _health.EjectedUntil - now);
    }

    [Fact]
    public void The_last_sites_are_not_ejected()
    {
        for (int failure = 0; failure < 10; failure++)
        {
            Assert.False(_health.Fail(failure, mayEject: false));
        }

        Assert.Equal(SiteCondition.Healthy, _health.At(10));
    }

    [Fact]
    public void Wrong_bytes_are_quarantined_longer_each_time()
    {
        _health.Condemn(0);
        Assert.Equal(600_000, _health.QuarantinedFor(0));
        Assert.Equal(SiteCondition.Quarantined, _health.At(599_999));
        _health.Condemn(600_000);
        Assert.Equal(3_600_000, _health.QuarantinedFor(600_000));
        _health.Condemn(5_000_000);
        _health.Condemn(100_000_000);
        Assert.Equal(86_400_000, _health.QuarantinedFor(100_000_000));
    }

    [Fact]
    public void A_site_that_asks_for_rest_gets_it_within_bounds()
    {
        _health.Rest(0, 20_000);
        Assert.Equal(SiteCondition.Resting, _health.At(19_999));
        Assert.Equal(SiteCondition.Healthy, _health.At(20_000));
        _health.Rest(20_000, 1e9);
        Assert.Equal(320_000, _health.RestUntil);
    }

    [Fact]
    public void What_is_missing_is_remembered_and_fades()
    {
        for (int request = 0; request < 10; request++)
        {
            _health.Lack(0);
        }

        Assert.InRange(_health.MissingAt(0), 0.9, 1);
        Assert.InRange(_health.MissingAt(30_000), 0.45, 0.5);
        Assert.Equal(SiteCondition.Healthy, _health.At(0));
    }

    [Fact]
    public void Two_losses_in_a_row_make_it_rest_and_those_that_follow_for_longer()
    {
        List<double> rests = [];
        double now = 0;
        _health.Lose(now, mayRest: true);
        Assert.Equal(SiteCondition.Healthy, _health.At(now));
        for (int round = 0; round < 7; round++)
        {
            _health.Lose(now, mayRest: true);
            Assert.Equal(SiteCondition.Resting, _health.At(now));
            _health.Lose(now, mayRest: true);
            rests.Add(_health.RestUntil - now);
            now = _health.RestUntil;
        }

        Assert.Equal([1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000], rests);
        _health.Succeed(now);
        _health.Lose(now, mayRest: true);
        Assert.Equal(SiteCondition.Healthy, _health.At(now));
    }

    [Fact]
    public void Losses_do_not_put_the_last_sites_to_rest()
    {
        for (int loss = 0; loss < 10; loss++)
        {
            _health.Lose(loss, mayRest: false);
        }

        Assert.Equal(SiteCondition.Healthy, _health.At(10));
    }

    [Fact]
    public void A_site_that_loses_in_its_probation_is_tried_again_after_a_pause()
    {
        Eject(0);
        Assert.Equal(SiteCondition.Probation, _health.At(16_000));
        _health.Lose(16_000, mayRest: false);
        Assert.Equal(SiteCondition.Ejected, _health.At(20_999));
        Assert.Equal(SiteCondition.Probation, _health.At(21_000));
        Assert.Equal(1, _health.Ejections);
    }

    private void Eject(double now)
    {
        _health.Fail(now, mayEject: true);
        Assert.True(_health.Fail(now, mayEject: true));
    }
}
