using System.Net.Http.Headers;
using System.Text;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>Where requests go, with what, and to where they never go.</summary>
public sealed class HttpRangeDeviceAddressTests
{
    private const string Secret = "joe:secret";

    private static readonly string s_basic =
        "Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(Secret));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credentials_and_query_go_along_and_the_fragment_stays()
    {
        await using var file = new ServedFile();
        string url = file.Url.Replace("//", $"//{Secret}@", StringComparison.Ordinal);
        await using HttpRangeDevice device =
            await file.OpenAsync(url: url + "?sig=secret%20%2F#part");
        await file.CheckAsync(device, 1_000_000, 10);
        Assert.All(file.Server.Requests, request =>
        {
            Assert.Equal(s_basic, request.Headers["Authorization"]);
            Assert.Equal($"/{ServedFile.Name}?sig=secret%20%2F", request.Target);
        });
        Assert.Equal(file.Url, device.ToString());
    }

    [Fact]
    public async Task Credentials_of_the_options_stand_in_for_those_of_the_address()
    {
        await using var file = new ServedFile();
        HttpRangeOptions? used = null;
        await using HttpRangeDevice device = await file.OpenAsync(
            options => used = options with
            {
                Authorization = new AuthenticationHeaderValue("Bearer", "secret"),
            },
            file.Url.Replace("//", $"//{Secret}@", StringComparison.Ordinal));
        Assert.Equal("Bearer secret", file.Server.Requests[0].Headers["Authorization"]);
        Assert.DoesNotContain("secret", used!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_followed_and_credentials_are_not_sent_on()
    {
        await using var file = new ServedFile();
        await using var front = new FaultServer(Path.GetTempPath());
        front.Always("*", Fault.Redirect(file.Url));
        string url = new Uri(front.Root, "any?token=secret").ToString()
            .Replace("//", $"//{Secret}@", StringComparison.Ordinal);
        await using HttpRangeDevice device = await file.OpenAsync(url: url);
        await file.CheckAsync(device, 1_000_000, 10);
        Assert.All(front.Requests, r => Assert.Equal(s_basic, r.Headers["Authorization"]));
        Assert.All(file.Server.Requests, r => Assert.DoesNotContain("Authorization", r.Headers));
        Assert.Equal("\"v1\"", file.Server.Requests[^1].Headers["If-Match"]);
        Assert.Equal((2, 2), (front.Requests.Count, file.Server.Requests.Count));
    }

    [Fact]
    public async Task A_redirect_to_where_credentials_are_wanted_is_told_apart()
    {
        await using var file = new ServedFile();
        await using var front = new FaultServer(Path.GetTempPath());
        front.Always("*", Fault.Redirect(file.Url + "?token=secret"));
        file.Server.Always("*", Fault.Status(401));
        string url = new Uri(front.Root, "any").ToString()
            .Replace("//", $"//{Secret}@", StringComparison.Ordinal);
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => file.OpenAsync(url: url));
        Assert.Equal(FailureReason.Refused, failure.Reason);
        Assert.Contains(
            $"redirected to {file.Url}, where the credentials are not sent",
            failure.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("disk-s001.vmdk")]
    [InlineData("a disk #1? 100%.vmdk")]
    [InlineData("größe%2F..%2Fx")]
    public async Task A_sibling_is_opened_beside_the_file_with_its_query_and_credentials(
        string name)
    {
        await using var file = new ServedFile();
        byte[] content = Testing.TestDisk.Noise(new Random(5), 5000);
        file.Write("disks/" + name, content);
        string url = file.Url.Replace("//", $"//{Secret}@", StringComparison.Ordinal);
        await using HttpRangeDevice device = await file.OpenAsync(url: url + "?t=1#x");
        file.Server.Forget();
        await using HttpRangeDevice sibling = await device.OpenSiblingAsync(name, Stop);
        byte[] bytes = new byte[5000];
        await sibling.ReadAsync(0, bytes, Stop);
        Assert.Equal(content, bytes);
        ServedRequest request = Assert.Single(file.Server.Requests);
        Assert.Equal("disks/" + name, request.Path);
        Assert.EndsWith("?t=1", request.Target, StringComparison.Ordinal);
        Assert.Equal(s_basic, request.Headers["Authorization"]);
        Assert.Equal(
            new Uri(file.Server.Root, "disks/" + Uri.EscapeDataString(name)).AbsoluteUri,
            sibling.ToString());
    }

    [Fact]
    public async Task A_sibling_shares_connections_and_cache_and_outlives_its_opener()
    {
        using var cache = new Testing.TempFolder();
        await using var file = new ServedFile();
        file.Write("disks/b", file.Content);
        HttpRangeDevice device = await file.OpenAsync(
            options => options with { CacheDirectory = cache.Root });
        HttpRangeDevice sibling = await device.OpenSiblingAsync("b", Stop);
        await file.CheckAsync(sibling, 0, 100_000);
        await device.DisposeAsync();
        await file.CheckAsync(sibling, 1_000_000, 100_000);
        await file.CheckAsync(sibling, 0, 100_000);
        Assert.Equal(1, file.Server.Connections);
        HttpRangeDevice grandchild = await sibling.OpenSiblingAsync("disk.raw", Stop);
        await grandchild.DisposeAsync();
        await sibling.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => sibling.OpenSiblingAsync("b", Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("//other.example/x")]
    [InlineData("https://other.example/x")]
    [InlineData("a\nb")]
    public async Task A_name_that_leads_out_of_the_folder_is_refused(string name)
    {
        await using var file = new ServedFile();
        await using HttpRangeDevice device = await file.OpenAsync();
        file.Server.Forget();
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => device.OpenSiblingAsync(name, Stop));
        Assert.Contains(file.Url, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(file.Server.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("disk.vmdk")]
    [InlineData("ftp://host/disk")]
    [InlineData("file:///disk")]
    [InlineData("http://")]
    [InlineData("http://host/a\u0001b")]
    public async Task What_is_no_address_of_the_web_is_told(string text)
    {
        FormatException refusal = await Assert.ThrowsAsync<FormatException>(
            () => HttpRangeDevice.OpenAsync(text, cancellationToken: Stop));
        Assert.Contains("https://example.org", refusal.Message, StringComparison.Ordinal);
    }
}
