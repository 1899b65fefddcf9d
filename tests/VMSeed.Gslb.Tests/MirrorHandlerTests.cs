using System.Net;
using VMSeed.Gslb.Mirrors;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

public sealed class MirrorHandlerTests : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly Farm _farm = new(13);

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public async Task A_file_comes_from_a_mirror_and_keeps_the_address_that_was_asked_for()
    {
        byte[] file = _farm.Write("objects/a", 1000);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(1000, response.Content.Headers.ContentLength);
        Assert.Same(request, response.RequestMessage);
        Assert.Equal(new Uri(Farm.Root, "objects/a"), request.RequestUri);
        Assert.Single(_farm.ServerOf(response).Requests);
    }

    [Fact]
    public async Task The_best_mirror_dies_in_mid_read_and_no_reader_notices()
    {
        const int length = 64 * 1024;
        byte[] file = _farm.Write("objects/a", length * 16);
        FaultServer? best = null;
        for (int i = 0; i < 200; i++)
        {
            int at = i % 16 * length;
            Assert.Equal(
                file[at..(at + length)], await _farm.ReadAsync("objects/a", file, at, length));
            if (i == 50)
            {
                best = _farm.Servers.MaxBy(server => server.Requests.Count)!;
                best.Always("*", Fault.ResetAfter(1000));
                best.Forget();
            }
        }

        // One request found it dead, another confirmed it; it is not asked a third time.
        Assert.InRange(best!.Requests.Count, 1, 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public async Task Servers_that_are_gone_are_no_readers_trouble_while_one_is_left(int gone)
    {
        byte[] file = _farm.Write("objects/a", 64 * 1024);
        await _farm.ReadAsync("objects/a", file, 0, file.Length);
        foreach (FaultServer server in _farm.Servers
            .OrderByDescending(server => server.Requests.Count).Take(gone).ToArray())
        {
            await server.DisposeAsync();
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(file, await _farm.ReadAsync("objects/a", file, 0, file.Length));
        }
    }

    [Fact]
    public async Task A_mirror_that_flips_bits_reaches_no_reader_and_is_quarantined()
    {
        const int length = 64 * 1024;
        byte[] file = _farm.Write("objects/a", length * 16);
        await _farm.ReadAsync("objects/a", file, 0, length);
        FaultServer wrong = _farm.Servers.MaxBy(server => server.Requests.Count)!;
        wrong.Always("*", Fault.FlipBit(length + 10));
        for (int i = 1; i < 16; i++)
        {
            await _farm.ReadAsync("objects/a", file, length, length);
        }

        await Farm.UntilAsync(() => _farm.Log.Errors.Length > 0);
        Assert.Contains("quarantined", Assert.Single(_farm.Log.Errors));
        Assert.Contains(wrong.Root.ToString(), _farm.Log.Errors[0]);
        Assert.Contains(
            wrong.Requests, request => request.Headers.GetValueOrDefault("Cache-Control") != null);
        wrong.Forget();
        await _farm.ReadAsync("objects/a", file, length, length);
        Assert.Empty(wrong.Requests);
    }

    [Fact]
    public async Task Readers_side_by_side_get_every_byte_while_mirrors_fail_in_many_ways()
    {
        const int length = 16 * 1024;
        byte[] file = _farm.Write("objects/a", length * 64);
        await _farm.ReadAsync("objects/a", file, 0, length);
        Fault[] faults =
        [
            Fault.CutAfter(100), Fault.ResetAfter(0), Fault.NoRanges, Fault.Portal, Fault.Gzip,
            Fault.Status(503, "Retry-After: 60"), Fault.Status(500), Fault.FlipBit(5 * length),
        ];
        int next = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 256), new ParallelOptions
        {
            MaxDegreeOfParallelism = 4,
        }, async (i, _) =>
        {
            if (i % 32 == 0)
            {
                FaultServer best = _farm.Servers.MaxBy(server => server.Requests.Count)!;
                best.Always("*", faults[Interlocked.Increment(ref next) - 1]);
                best.Forget();
            }

            int at = i % 64 * length;
            Assert.Equal(
                file[at..(at + length)], await _farm.ReadAsync("objects/a", file, at, length));
        });
        Assert.Equal(faults.Length, next);
    }

    [Fact]
    public async Task Bodies_up_to_1_MiB_are_in_memory_when_the_response_is_there()
    {
        byte[] file = _farm.Write("objects/a", 1 << 20);
        using HttpRequestMessage request = Farm.Ask("objects/a", 0, (1 << 20) - 1);
        using HttpResponseMessage response = await _farm.SendAsync(request, file);
        Stream body = await response.Content.ReadAsStreamAsync(Token);
        byte[] read = new byte[1 << 20];
        ValueTask<int> all = body.ReadAsync(read, Token);
        Assert.True(all.IsCompleted);
        Assert.Equal(1 << 20, await all);
        Assert.Equal(file, read);
        Assert.Equal(1, _farm.Handler.Tools.Buffers.Rented);
        response.Dispose();
        Assert.Equal(0, _farm.Handler.Tools.Buffers.Rented);
        body.Seek(0, SeekOrigin.Begin);
        Assert.Throws<ObjectDisposedException>(() => body.Read(read));
    }

    [Fact]
    public async Task Head_asks_for_no_body()
    {
        _farm.Write("objects/a", 5000);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        request.Method = HttpMethod.Head;
        _farm.BreakAll(new Fault("head", x => x.SendHeadAsync("200 OK", "Content-Length: 5000")));
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(5000, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task What_does_not_lie_below_the_root_is_sent_on_as_it_is()
    {
        using TempFolder folder = new();
        folder.Write("else", [1, 2, 3]);
        await using FaultServer other = new(folder.Root);
        Assert.Equal(
            [1, 2, 3], await _farm.Client.GetByteArrayAsync(new Uri(other.Root, "else"), Token));
        using HttpRequestMessage post = new(HttpMethod.Post, other.Root + "else");
        using HttpResponseMessage response = await _farm.Client.SendAsync(post, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(_farm.Requests);
    }

    [Fact]
    public async Task Each_repository_named_by_requests_has_mirrors_of_its_own()
    {
        byte[] file = _farm.Write("objects/a", 100);
        Uri root = new("http://another.invalid/x/");
        IReadOnlyList<Uri> mirrors = [_farm.Servers[3].Root, _farm.Servers[4].Root];
        for (int i = 0; i < 3; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(root, "objects/a"));
            request.Options.Set(new HttpRequestOptionsKey<Uri>("VMSeed.Root"), root);
            request.Options.Set(
                new HttpRequestOptionsKey<IReadOnlyList<Uri>>("VMSeed.Mirrors"), mirrors);
            using HttpResponseMessage response = await _farm.SendAsync(request, file);
            Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
        }

        Assert.NotNull(_farm.Handler.FindSelector(root));
        Assert.Equal(2, _farm.Handler.FindSelector(root)!.Desk.Sites.Count);
        Assert.Null(_farm.Handler.FindSelector(Farm.Root));
        Assert.True(_farm.Servers[3].Requests.Count + _farm.Servers[4].Requests.Count >= 3);
        Assert.Equal(_farm.Requests.Length,
            _farm.Servers[3].Requests.Count + _farm.Servers[4].Requests.Count);
    }

    [Fact]
    public async Task The_first_list_that_is_named_keeps_what_requests_without_one_have_taught()
    {
        byte[] file = _farm.Write("objects/a", 100);
        Uri root = _farm.Servers[0].Root;
        IReadOnlyList<Uri> list = [_farm.Servers[1].Root, _farm.Servers[2].Root];
        using MirrorHandler handler = new();
        using HttpMessageInvoker client = new(handler);
        HashSet<MirrorSelector> selectors = [];
        for (int i = 0; i < 4; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(root, "objects/a"));
            request.Options.Set(new HttpRequestOptionsKey<Uri>("VMSeed.Root"), root);
            if (i >= 2)
            {
                request.Options.Set(
                    new HttpRequestOptionsKey<IReadOnlyList<Uri>>("VMSeed.Mirrors"), list);
            }

            using HttpResponseMessage response = await client.SendAsync(request, Token);
            Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
            selectors.Add(handler.FindSelector(root)!);
        }

        IReadOnlyList<MirrorStatus> rows = Assert.Single(selectors).Snapshot();
        Assert.Equal([root, .. list], rows.Select(row => row.Address));
        Assert.Equal(4, rows.Sum(row => row.Requests));
        Assert.True(rows[0].Requests >= 2);
    }

    [Fact]
    public async Task Mirrors_that_are_set_are_the_ones_that_are_asked()
    {
        byte[] file = _farm.Write("objects/a", 100);
        (await _farm.GetAsync("objects/a", file, Token)).Dispose();
        MirrorSelector selector = _farm.Handler.FindSelector(Farm.Root)!;
        await using FaultServer other = new(_farm.Folder);
        selector.SetMirrors([new Mirror(other.Root)]);
        int before = _farm.Requests.Length;
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await _farm.GetAsync("objects/a", file, Token);
            Assert.Equal(file, await response.Content.ReadAsByteArrayAsync(Token));
        }

        Assert.Equal((before, 3), (_farm.Requests.Length, other.Requests.Count));
        Assert.Same(selector, _farm.Handler.FindSelector(Farm.Root));
    }

    [Fact]
    public async Task Two_lists_of_one_repository_keep_what_was_learned_of_each()
    {
        byte[] file = _farm.Write("objects/a", 100);
        Uri root = new("http://another.invalid/x/");
        IReadOnlyList<Uri>[] lists =
        [
            [_farm.Servers[0].Root], [_farm.Servers[1].Root, _farm.Servers[2].Root],
        ];
        HashSet<MirrorSelector> selectors = [];
        for (int i = 0; i < 6; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(root, "objects/a"));
            request.Options.Set(new HttpRequestOptionsKey<Uri>("VMSeed.Root"), root);
            request.Options.Set(
                new HttpRequestOptionsKey<IReadOnlyList<Uri>>("VMSeed.Mirrors"),
                i == 5 ? [.. lists[1]] : lists[i % 2]);
            using HttpResponseMessage response = await _farm.SendAsync(request, file);
            selectors.Add(_farm.Handler.FindSelector(root)!);
        }

        // The newest list is the one that is shown, and an equal list is the same.
        Assert.Equal(2, selectors.Count);
        Assert.All(selectors, x => Assert.True(x.Desk.Sites.Sum(site => site.Requests) >= 3));
    }

    [Fact]
    public async Task Who_waits_hears_of_every_byte_and_of_every_mirror_that_is_asked()
    {
        byte[] file = _farm.Write("objects/a", 5000);
        _farm.Break(1, Fault.CutAfter(2000));
        List<long> heard = [];
        using HttpRequestMessage request = Farm.Ask("objects/a");
        request.Options.Set(
            new HttpRequestOptionsKey<Action<long>>("VMSeed.Progress"),
            count =>
            {
                lock (heard)
                {
                    heard.Add(count);
                }
            });
        using HttpResponseMessage response = await _farm.SendAsync(request, file);
        Assert.True(heard.Count(count => count == 0) >= 2);
        Assert.True(heard.Sum() >= 7000);
    }

    [Fact]
    public void Options_out_of_their_limits_are_all_named()
    {
        MirrorHandlerOptions options = new()
        {
            Root = new Uri("ftp://a.example/"),
            ConnectTimeout = TimeSpan.Zero,
            SecureVersion = HttpVersion.Version30,
        };
        options.Mirrors.Add(new Mirror(new Uri("http://user@b.example/")));
        string message = Assert.Throws<ArgumentException>(() => new MirrorHandler(options)).Message;
        Assert.Contains("ftp://a.example/", message);
        Assert.Contains("ConnectTimeout is 0 s", message);
        Assert.Contains("SecureVersion is 3.0", message);
        Assert.Contains("http://user@b.example/", message);
    }
}
