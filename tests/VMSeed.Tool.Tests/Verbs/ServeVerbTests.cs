using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class ServeVerbTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_announced_and_can_be_read()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using ServedFolder server = await ServedFolder.StartAsync(shop.Repository);
        string address = $"{server.Address}/images/disk.vmseed";
        Assert.Contains(address, server.Output);
        Outcome read = await shop.ReadAsync("read", $"{address}#{shop.PublicKey}", "--no-cache");
        Assert.Equal(File.ReadAllBytes(shop.Disk), read.MustExit(0).Bytes);
        Assert.Contains("GET /images/disk.vmseed - 200", server.Log);
        Assert.Matches("GET /objects/[^ ]+ bytes=[0-9]+-[0-9]+ 206 [0-9]+", server.Log);
        Assert.DoesNotContain('#', server.Log);
    }

    [Fact]
    public async Task Ranges_and_caching_are_as_a_reader_wants_them()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using ServedFolder server = await ServedFolder.StartAsync(shop.Repository);
        FileInfo pack = shop.Objects().MaxBy(file => file.Length)!;
        string path = Path.GetRelativePath(shop.Repository, pack.FullName);
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Get, $"{server.Address}/{path}");
        request.Headers.Range = new RangeHeaderValue(100, 199);
        using HttpResponseMessage part = await client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(
            File.ReadAllBytes(pack.FullName)[100..200],
            await part.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(pack.Length, part.Content.Headers.ContentRange!.Length);
        Assert.True(part.Headers.CacheControl!.MaxAge > TimeSpan.FromDays(300));
        using HttpResponseMessage head =
            await client.GetAsync($"{server.Address}/images/disk.vmseed", Cancel);
        Assert.True(head.Headers.CacheControl!.NoCache);
    }

    [Theory]
    [InlineData(".vmseed/blocks")]
    [InlineData("%2evmseed/blocks")]
    [InlineData("objects/.hidden")]
    [InlineData("../secret")]
    [InlineData("..%2fsecret")]
    [InlineData("images")]
    public async Task What_is_not_for_readers_is_not_served(string path)
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        File.WriteAllText(shop["secret"], "secret");
        File.WriteAllText(Path.Join(shop.Repository, "objects/.hidden"), "hidden");
        Assert.True(File.Exists(Path.Join(shop.Repository, ".vmseed/blocks")));
        await using ServedFolder server = await ServedFolder.StartAsync(shop.Repository);
        using TcpClient client = new();
        Uri address = new(server.Address);
        await client.ConnectAsync(address.Host, address.Port, Cancel);
        await using NetworkStream wire = client.GetStream();
        string request = $"GET /{path} HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + "Connection: close\r\n\r\n";
        await wire.WriteAsync(System.Text.Encoding.ASCII.GetBytes(request), Cancel);
        using StreamReader reader = new(wire);
        string answer = await reader.ReadToEndAsync(Cancel);
        Assert.Matches("^HTTP/1.1 (404|400) ", answer);
    }

    [Fact]
    public async Task Ctrl_C_ends_it_cleanly()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using RunningTool server = await RunningTool.StartAsync(
            "images/disk.vmseed", "serve", shop.Repository, "--listen", "0");
        Assert.Equal(0, await server.InterruptAsync());
        Assert.Empty(server.Error);
    }

    [Fact]
    public async Task A_port_that_is_taken_and_a_folder_that_is_not_there_are_told()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using ServedFolder server = await ServedFolder.StartAsync(shop.Repository);
        string port = new Uri(server.Address).Port.ToString();
        (await Vmseed.RunAsync("serve", shop.Repository, "-l", port)).MustFail(1, "--listen");
        (await Vmseed.RunAsync("serve", shop["nowhere"])).MustFail(4, "nowhere");
    }
}
