using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>What a handler finds out with the disk's checks, over every kind of request that a disk
/// makes.</summary>
public sealed class LazyDiskChecksTests
{
    private static readonly HttpRequestOptionsKey<Func<ReadOnlyMemory<byte>, bool?>> _check =
        new("VMSeed.Check");

    private static readonly HttpRequestOptionsKey<IReadOnlyList<Uri>> _mirrors =
        new("VMSeed.Mirrors");

    [Fact]
    public async Task Right_bytes_are_right_and_a_flipped_bit_is_wrong_in_every_request()
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16, isSigned: true);
        Judging judge = new();
        using HttpClient client = new(judge);
        await using LazyDisk disk = await image.OpenAsync(
            options => options with { HttpClient = client, CacheDirectory = null });
        await image.CheckAsync(disk, 0, image.Content.Length);
        await ImageVerifier.VerifyAsync(
            $"{image.Server.Root}{image.Repository.HeadName}",
            new LazyDiskOptions
            {
                PublicKeys = [image.Repository.PublicKey!],
                HttpClient = client,
                StateDirectory = null,
            },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(judge.Seen, seen => seen.Path.EndsWith(".vmseed"));
        Assert.Contains(
            judge.Seen, seen => seen.Path.Contains("objects/") && seen.Length > 100_000);
        Assert.All(judge.Seen, seen => Assert.Equal(
            (true, false, false), (seen.AsItIs, seen.Flipped, seen.Short)));
    }

    [Fact]
    public async Task A_genuine_head_that_is_older_is_neither_right_nor_wrong()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        using TempFolder state = new();
        Judging judge = new();
        using HttpClient client = new(judge);
        Task<LazyDisk> OpenAsync() => image.OpenAsync(options => options with
        {
            HttpClient = client,
            CacheDirectory = null,
            StateDirectory = state.Root,
        });
        string head = Path.Join(image.Repository.Root, image.Repository.HeadName);
        byte[] first = File.ReadAllBytes(head);
        await image.PublishAsync(1 << 20, seed: 4);
        await (await OpenAsync()).DisposeAsync();
        File.WriteAllBytes(head, first);
        await Assert.ThrowsAsync<BlockIOException>(OpenAsync);
        Assert.Null(judge.Seen[^1].AsItIs);
        Assert.Equal(false, judge.Seen[^1].Flipped);
    }

    [Fact]
    public async Task Mirrors_are_told_from_the_first_block_on_and_the_next_time_at_once()
    {
        using TestRepository repository = await TestRepository.CreateAsync(
            isSigned: true,
            adapt: options => options with { Mirrors = [new Uri("https://mirror.example/")] });
        await using FaultServer server = new(repository.Root);
        using TempFolder state = new();
        Judging judge = new();
        using HttpClient client = new(judge);
        for (int times = 0; times < 2; times++)
        {
            await using LazyDisk disk = await repository.OpenAsync(
                server.Root,
                options => options with
                {
                    HttpClient = client,
                    CacheDirectory = null,
                    StateDirectory = state.Root,
                });
            await disk.ReadAsync(0, new byte[1], TestContext.Current.CancellationToken);
        }

        Assert.Null(judge.Seen[0].Mirrors);
        Assert.All(
            judge.Seen.Skip(1),
            seen => Assert.Equal("mirror.example", Assert.Single(seen.Mirrors!).Host));
        Assert.Equal(2, judge.Seen.Count(seen => seen.Path.EndsWith(".vmseed")));
    }

    private sealed record Judged(
        string Path,
        int Length,
        bool? AsItIs,
        bool? Flipped,
        bool? Short,
        IReadOnlyList<Uri>? Mirrors);

    // Holds each answer, as a handler does that hedges, and asks the disk about it and about
    // others.
    private sealed class Judging : DelegatingHandler
    {
        private readonly List<Judged> _seen = [];

        public Judging()
            : base(new SocketsHttpHandler())
        {
        }

        public IReadOnlyList<Judged> Seen
        {
            get
            {
                lock (_seen)
                {
                    return [.. _seen];
                }
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            Assert.True(request.Options.TryGetValue(_check, out var check));
            byte[] other = [.. body];
            other[^(body.Length / 2)] ^= 0x40;
            request.Options.TryGetValue(_mirrors, out IReadOnlyList<Uri>? mirrors);
            Judged judged = new(
                request.RequestUri!.AbsolutePath,
                body.Length,
                check(body),
                check(other),
                check(body.AsMemory(1)),
                mirrors);
            lock (_seen)
            {
                _seen.Add(judged);
            }

            return response;
        }
    }
}
