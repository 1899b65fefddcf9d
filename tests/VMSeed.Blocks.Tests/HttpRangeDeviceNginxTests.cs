using System.Text;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>The real server that most files lie on.</summary>
public sealed class HttpRangeDeviceNginxTests : IDisposable
{
    private const string Name = "disk.raw";
    private const int Length = 2_000_003;

    private readonly TempFolder _folder = new();
    private readonly byte[] _bytes = Pattern.Text(Length, 1);

    public HttpRangeDeviceNginxTests() => _folder.Write(Name, _bytes);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("etag off;")]
    [InlineData("gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;")]
    public async Task A_file_is_read_bound_and_a_change_of_it_is_an_error(string directives)
    {
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root, directives);
        await using HttpRangeDevice device = await OpenAsync(server);
        Assert.Equal(directives != "etag off;", device.ETag is not null);
        Assert.NotNull(device.LastModified);
        Assert.Equal(_bytes[1_000_000..1_070_000], await ReadAsync(device, 1_000_000, 70_000));

        // Of the same length, one second later.
        File.WriteAllBytes(_folder["new"], Pattern.Text(Length, 2));
        File.SetLastWriteTimeUtc(
            _folder["new"], File.GetLastWriteTimeUtc(_folder[Name]) + TimeSpan.FromSeconds(1));
        File.Move(_folder["new"], _folder[Name], overwrite: true);
        BlockIOException failure =
            await Assert.ThrowsAsync<BlockIOException>(() => ReadAsync(device, 500_000, 70_000));
        Assert.Equal((FailureReason.Corrupt, false), (failure.Reason, failure.CanRetry));
        Assert.Contains("its server says so (412)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(_bytes[1_000_000..1_000_010], await ReadAsync(device, 1_000_000, 10));

        await using HttpRangeDevice again = await OpenAsync(server);
        Assert.Equal(
            Pattern.Text(Length, 2)[500_000..500_010], await ReadAsync(again, 500_000, 10));
    }

    [Fact]
    public async Task A_read_over_a_hole_of_what_is_local_is_one_request_a_gap()
    {
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root);
        await using (HttpRangeDevice device = await OpenAsync(server))
        {
            await ReadAsync(device, 10 * 65_536, 65_536);
            await ReadAsync(device, 65_536, 21 * 65_536);
        }

        // The last two are sent at once; nginx writes a request's line after the request.
        string[][] log = await server.ReadLogAsync();
        while (log.Length < 4)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stop);
            log = await server.ReadLogAsync();
        }

        Assert.Equal(
            [
                "bytes=0-65535", "bytes=65536-655359", "bytes=655360-720895",
                "bytes=720896-1441791",
            ],
            log.Select(line => line[3]).Order(StringComparer.Ordinal));
        Assert.All(log, line => Assert.Equal("206", line[1]));
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_whole_where_the_file_is_small()
    {
        await using NginxServer server =
            await NginxServer.StartAsync(_folder.Root, "max_ranges 0;");
        await using HttpRangeDevice device = await OpenAsync(server);
        Assert.Equal(_bytes, await ReadAsync(device, 0, Length));
    }

    [Fact]
    public async Task A_password_opens_what_it_protects()
    {
        byte[] hash = System.Security.Cryptography.SHA1.HashData("hidden"u8);
        _folder.Write(
            ".htpasswd",
            Encoding.ASCII.GetBytes($"joe:{{SHA}}{Convert.ToBase64String(hash)}\n"));
        await using NginxServer server = await NginxServer.StartAsync(
            _folder.Root, $"auth_basic x; auth_basic_user_file {_folder.Root}/.htpasswd;");
        BlockIOException failure =
            await Assert.ThrowsAsync<BlockIOException>(() => OpenAsync(server));
        Assert.Equal((FailureReason.Refused, false), (failure.Reason, failure.CanRetry));
        Uri address = new UriBuilder(new Uri(server.Root, Name))
        {
            UserName = "joe",
            Password = "hidden",
        }.Uri;
        await using HttpRangeDevice device =
            await HttpRangeDevice.OpenAsync(address, Options, Stop);
        Assert.Equal(_bytes[^10..], await ReadAsync(device, Length - 10, 10));
    }

    [Fact]
    public async Task An_empty_file_is_empty()
    {
        _folder.Write(Name, []);
        await using NginxServer server = await NginxServer.StartAsync(_folder.Root);
        await using HttpRangeDevice device = await OpenAsync(server);
        Assert.Equal(0, device.Length);
    }

    private static HttpRangeOptions Options => new() { CacheDirectory = null, ReadAhead = false };

    private static Task<HttpRangeDevice> OpenAsync(NginxServer server) =>
        HttpRangeDevice.OpenAsync(new Uri(server.Root, Name), Options, Stop);

    private static async Task<byte[]> ReadAsync(HttpRangeDevice device, long offset, int length)
    {
        byte[] bytes = new byte[length];
        await device.ReadAsync(offset, bytes, Stop);
        return bytes;
    }
}
