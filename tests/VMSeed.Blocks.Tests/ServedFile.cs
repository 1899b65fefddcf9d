using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>A file of noise behind a web server that misbehaves on order.</summary>
internal sealed class ServedFile : IAsyncDisposable
{
    public const string Name = "disks/disk.raw";
    public const int BlockSize = 64 * 1024;

    private readonly TempFolder _folder = new();

    public ServedFile(int length = 4 * 1024 * 1024)
    {
        Replace(length, 1);
        Server = new FaultServer(_folder.Root) { Fields = ["ETag: \"v1\""] };
    }

    public FaultServer Server { get; }

    public byte[] Content { get; private set; } = [];

    public string Url => Server.Root + Name;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Puts other noise in the file's place, under the same validators.</summary>
    public void Replace(int length, int seed)
    {
        Content = TestDisk.Noise(new Random(seed), length);
        Write(Name, Content);
    }

    public void Write(string name, byte[] content) => _folder.Write(name, content);

    /// <summary>For reads that are to fail, soon.</summary>
    public static HttpRangeOptions Impatient(HttpRangeOptions options) => options with
    {
        ReadDeadline = TimeSpan.FromSeconds(1),
        NoProgressTimeout = TimeSpan.FromMilliseconds(400),
    };

    /// <summary>Opens it with the patience of a test, no cache, and nothing guessed.</summary>
    public Task<HttpRangeDevice> OpenAsync(
        Func<HttpRangeOptions, HttpRangeOptions>? adapt = null, string? url = null)
    {
        var options = new HttpRangeOptions
        {
            CacheDirectory = null,
            ReadAhead = false,
            ReadDeadline = TimeSpan.FromSeconds(10),
            NoProgressTimeout = TimeSpan.FromSeconds(2),
        };
        return HttpRangeDevice.OpenAsync(url ?? Url, adapt?.Invoke(options) ?? options, Stop);
    }

    /// <summary>Reads a range and holds it to the content.</summary>
    public async Task CheckAsync(BlockDevice device, int offset, int length)
    {
        byte[] buffer = new byte[length];
        await device.ReadAsync(offset, buffer, Stop);
        Assert.True(
            Content.AsSpan(offset, length).SequenceEqual(buffer),
            $"The {length} bytes at {offset} differ.");
    }

    /// <summary>Does what is to fail, and holds the error to what all have in common.</summary>
    public async Task<BlockIOException> FailAsync(Func<Task> work)
    {
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(work);
        Assert.StartsWith(Url + " ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        return failure;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
