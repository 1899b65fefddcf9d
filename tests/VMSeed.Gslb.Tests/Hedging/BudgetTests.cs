using CsCheck;
using VMSeed.Gslb.Hedging;

namespace VMSeed.Gslb.Tests.Hedging;

public sealed class BudgetTests
{
    [Fact]
    public void Hedges_are_at_most_one_in_twenty_in_the_long_run()
    {
        HedgeBudget budget = new();
        int hedges = 0;
        for (int request = 0; request < 10_000; request++)
        {
            budget.Deposit();
            hedges += budget.TrySpend() ? 1 : 0;
        }

        Assert.InRange(hedges, 480, 503);
    }

    [Fact]
    public void Nothing_is_hedged_while_most_requests_fail()
    {
        HedgeBudget budget = new();
        for (int request = 0; request < 100; request++)
        {
            budget.Deposit();
            budget.Note(hasFailed: true);
        }

        Assert.False(budget.TrySpend());
        for (int request = 0; request < 100; request++)
        {
            budget.Note(hasFailed: false);
        }

        Assert.True(budget.TrySpend());
    }

    [Fact]
    public void Retries_are_late_and_not_lost_where_the_budget_is_empty()
    {
        RetryBudget budget = new();
        int spent = 0;
        while (budget.TrySpend(0) == 0)
        {
            spent++;
        }

        Assert.Equal(20, spent);
        double wait = budget.TrySpend(0);
        Assert.InRange(wait, 1, 500);
        Assert.Equal(0, budget.TrySpend(wait));
    }

    [Fact]
    public void Asking_again_after_the_wait_always_gets_the_retry() =>
        Gen.Double[0, 20_000].Array[1, 60].Sample(steps =>
        {
            RetryBudget budget = new();
            double now = 0;
            foreach (double step in steps)
            {
                now += step / 100;
                budget.Deposit();
                for (double wait = budget.TrySpend(now); wait > 0; wait = budget.TrySpend(now))
                {
                    Assert.InRange(wait, 1, 500);
                    now += wait;
                }
            }
        });

    [Fact]
    public void The_delay_is_the_95th_percentile_of_the_last_64() =>
        Gen.Double[0.1, 10].Array[20, 300].Sample(ratios =>
        {
            DelayWindow window = new();
            foreach (double ratio in ratios)
            {
                window.Take(ratio);
            }

            double[] last = [.. ratios.TakeLast(64).Order()];
            double expected = Math.Clamp(last[(int)(0.95 * (last.Length - 1))], 1.3, 4);
            Assert.Equal(expected, window.Factor);
        });
}
