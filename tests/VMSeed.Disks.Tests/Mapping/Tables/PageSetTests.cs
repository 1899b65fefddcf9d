using VMSeed.Disks.Mapping;
using VMSeed.Disks.Mapping.Tables;

namespace VMSeed.Disks.Tests.Mapping.Tables;

/// <summary>The set answers as a dictionary does, whatever was added and taken away; also to
/// readers beside the one who changes it.</summary>
public sealed class PageSetTests
{
    private const int Numbers = 400;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 512)]
    [InlineData(3, 1L << 31)]
    public void It_is_a_dictionary(int seed, long stride)
    {
        var random = new Random(seed);
        var set = new PageSet();
        var model = new Dictionary<long, TablePage>();
        for (int step = 0; step < 20_000; step++)
        {
            long number = random.Next(Numbers) * stride;
            if (random.Next(3) == 0)
            {
                Assert.Equal(model.Remove(number), set.Remove(number));
            }
            else
            {
                set.Set(model[number] = PageOf(number));
            }

            Assert.Equal(model.Count, set.Count);
            long other = random.Next(Numbers) * stride;
            _ = set.TryGet(other, out TablePage? found);
            Assert.Same(model.GetValueOrDefault(other), found);
        }
    }

    [Fact]
    public async Task A_page_that_stays_is_found_at_every_moment_while_others_come_and_go()
    {
        var set = new PageSet();
        for (int number = 0; number < Numbers; number += 2)
        {
            set.Set(PageOf(number));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<long>[] readers =
        [
            .. Enumerable.Range(0, 3).Select(_ => Task.Run(() => CountLost(set, stop.Token))),
        ];
        var random = new Random(5);
        for (int step = 0; step < 100_000; step++)
        {
            int number = (2 * random.Next(10 * Numbers)) + 1;
            if (!set.Remove(number))
            {
                set.Set(PageOf(number));
            }
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers), lost => Assert.Equal(0, lost));
    }

    private static long CountLost(PageSet set, CancellationToken stop)
    {
        long lost = 0;
        for (int number = 0; !stop.IsCancellationRequested; number = (number + 2) % Numbers)
        {
            lost += set.TryGet(number, out TablePage? page) && page.Number == number ? 0 : 1;
        }

        return lost;
    }

    private static TablePage PageOf(long number) => new(number * TablePage.Size);
}
