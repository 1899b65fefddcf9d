using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Tests.Publishing;
using VMSeed.Blocks.Verification;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Verification;

public sealed class IndexWalkerTests
{
    private const int Leaves = 16;
    private const int AtOnce = 8;

    private static readonly ReadPolicy _oneTry =
        new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

    [Fact]
    public async Task Eight_pages_are_read_at_once_and_come_in_the_order_of_the_disk()
    {
        using TestRepository origin = await MakeAsync();
        await using GatedSource source = new(origin.Root);
        List<byte[]> pages = [];
        IndexWalker walker = Make(origin, source, pages);
        List<long> leaves = [];
        await foreach (WalkedLeaf leaf in walker.LeavesAsync(TestContext.Current.CancellationToken))
        {
            leaves.Add(leaf.Number);

            // The leaf's own page was the last that was told of.
            Assert.Equal(leaves.Count + 1, pages.Count);
        }

        Assert.Equal(Enumerable.Range(0, Leaves).Select(number => (long)number), leaves);
        Assert.Equal(AtOnce, source.Most);
    }

    [Fact]
    public async Task A_walk_that_is_left_leaves_nothing_in_flight()
    {
        using TestRepository origin = await MakeAsync();
        await using GatedSource source = new(origin.Root);
        await foreach (WalkedLeaf leaf in Make(origin, source, [])
            .LeavesAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(0, leaf.Number);
            break;
        }

        Assert.Equal(0, source.InFlight);
    }

    [Fact]
    public async Task A_page_that_is_missing_is_told_of_and_the_others_are_visited()
    {
        using TestRepository origin = await MakeAsync();
        await using GatedSource source = new(origin.Root) { IsSecondLost = true };
        List<BlockIOException> faults = [];
        var walker = new IndexWalker(
            HeadOf(origin), new ObjectFetcher(source, _oneTry, TimeProvider.System))
        {
            Fault = faults.Add,
        };
        int leaves = 0;
        await foreach (WalkedLeaf leaf in walker.LeavesAsync(TestContext.Current.CancellationToken))
        {
            leaves++;
        }

        Assert.Equal(FailureReason.Missing, Assert.Single(faults).Reason);
        Assert.Equal(Leaves - 1, leaves);
    }

    // Sixteen leaves below one root, none of them zeros.
    private static async Task<TestRepository> MakeAsync()
    {
        TestRepository origin = await TestRepository.CreateAsync();
        File.WriteAllBytes(origin.DiskPath, Pattern.Random(Leaves * 16 * 4096, seed: 3));
        await origin.PublishAsync(4096, options => options with { Fanout = 16 });
        return origin;
    }

    private static IndexWalker Make(
        TestRepository origin, ObjectSource source, List<byte[]> pages) =>
        new(HeadOf(origin), new ObjectFetcher(source, _oneTry, TimeProvider.System))
        {
            Page = (page, _) =>
            {
                pages.Add(page);
                return ValueTask.CompletedTask;
            },
        };

    private static ImageHead HeadOf(TestRepository origin) =>
        new PublishedImage(origin.Root, origin.HeadName).Head;

    // After the root, a page is handed out once eight are asked for.
    private sealed class GatedSource(string root) : ObjectSource
    {
        private readonly FolderObjectSource _folder = new(root);
        private readonly TaskCompletionSource _wide =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        private string? _lost;
        private int _opened;
        private int _inFlight;

        public int InFlight => Volatile.Read(ref _inFlight);

        public int Most { get; private set; }

        public bool IsSecondLost { get; init; }

        public override async ValueTask<ObjectBody> OpenAsync(
            ObjectRequest request, CancellationToken cancellationToken)
        {
            int number = Interlocked.Increment(ref _opened);
            int now = Interlocked.Increment(ref _inFlight);
            try
            {
                Most = Math.Max(Most, now);
                if (now == AtOnce)
                {
                    _wide.TrySetResult();
                }

                if (number > 1)
                {
                    await _wide.Task.WaitAsync(cancellationToken);
                }

                // However often it is asked for.
                _lost = number == 2 && IsSecondLost ? request.Path : _lost;
                return request.Path == _lost
                    ? throw new BlockIOException(FailureReason.Missing, "It is not there.")
                    : await _folder.OpenAsync(request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }

        public override ValueTask<byte[]> ReadWholeAsync(
            string path,
            int limit,
            Func<ReadOnlyMemory<byte>, bool?>? check,
            CancellationToken cancellationToken) =>
            _folder.ReadWholeAsync(path, limit, check, cancellationToken);

        public override ValueTask DisposeAsync() => _folder.DisposeAsync();
    }
}
