using VMSeed.Blocks.Reading;

namespace VMSeed.Blocks.Tests.Reading;

public sealed class ReadAheadTests
{
    private const int BlockSize = 64 * 1024;

    [Fact]
    public void The_first_read_of_a_stream_is_not_believed()
    {
        var readAhead = new ReadAhead(BlockSize, 10_000);
        Assert.Equal(0, readAhead.OnMiss(0, 0).Count);
        Assert.Equal(0, readAhead.OnMiss(500, 515).Count);
    }

    [Fact]
    public void A_sequential_reader_finds_its_blocks_fetched_and_the_window_doubles_to_its_limit()
    {
        var readAhead = new ReadAhead(BlockSize, 10_000);
        readAhead.OnMiss(0, 0);
        ReadAhead.Window window = readAhead.OnMiss(1, 1);
        Assert.Equal((2, ReadAhead.MinWindow / BlockSize), (window.First, window.Count));
        int widest = 0;
        for (int step = 0; step < 20; step++)
        {
            ReadAhead.Window next = readAhead.OnMark(window.Mark);
            Assert.Equal(window.First + window.Count, next.First);
            widest = Math.Max(widest, (int)(next.First + next.Count - window.Mark - 1));
            window = next;
        }

        Assert.Equal(ReadAhead.MaxWindow / BlockSize, widest);
    }

    [Fact]
    public void Random_reads_fetch_nothing_ahead()
    {
        var random = new Random(1);
        var readAhead = new ReadAhead(BlockSize, 1_000_000);
        int guessed = 0;
        for (int i = 0; i < 10_000; i++)
        {
            long block = random.NextInt64(1_000_000);
            guessed += readAhead.OnMiss(block, block).Count;
        }

        // Two random reads in a row may be neighbours; that is chance, and rare.
        Assert.InRange(guessed, 0, 100);
    }

    [Fact]
    public void Streams_beside_each_other_are_told_apart()
    {
        var readAhead = new ReadAhead(BlockSize, 1_000_000);
        long[] starts = [0, 10_000, 20_000, 30_000];
        foreach (long start in starts)
        {
            readAhead.OnMiss(start, start);
        }

        foreach (long start in starts)
        {
            Assert.Equal(start + 2, readAhead.OnMiss(start + 1, start + 1).First);
        }
    }

    [Fact]
    public void Nothing_is_fetched_beyond_the_end()
    {
        var readAhead = new ReadAhead(BlockSize, 4);
        readAhead.OnMiss(0, 0);
        ReadAhead.Window window = readAhead.OnMiss(1, 1);
        Assert.Equal((2, 2), (window.First, window.Count));
        Assert.Equal(0, readAhead.OnMark(window.Mark).Count);
    }
}
