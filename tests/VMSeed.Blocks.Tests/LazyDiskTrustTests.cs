using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>Which heads a disk is opened with, on the line and off it.</summary>
public sealed class LazyDiskTrustTests : IDisposable
{
    private readonly TempFolder _state = new();
    private readonly TempFolder _cache = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _state.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public async Task A_key_in_the_address_suffices_and_stays_at_home()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        string address =
            $"{new Uri(image.Server.Root, image.Repository.HeadName)}#{image.Repository.PublicKey}";
        await using LazyDisk disk = await LazyDisk.OpenAsync(address, Options(), Token);
        await image.CheckAsync(disk, 0, 100_000);
        Assert.Equal([image.Repository.PublicKey!], disk.Signers);
        foreach (ServedRequest request in image.Server.Requests)
        {
            string sent = request.Target + string.Concat(request.Headers.Values);
            Assert.DoesNotContain("RW", sent, StringComparison.Ordinal);
            Assert.DoesNotContain("#", sent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_key_none_at_all_and_no_signature_are_refused()
    {
        using SecretKey other = SecretKey.Generate();
        await using ServedImage signed = await ServedImage.CreateAsync(isSigned: true);
        await RefusedAsync(signed, "signed by", o => o with { PublicKeys = [other.PublicKey] });
        await RefusedAsync(signed, "No public key", o => o with { PublicKeys = [] });
        await using ServedImage unsigned = await ServedImage.CreateAsync();
        await RefusedAsync(
            unsigned,
            "no signature",
            o => o with { AllowUnsigned = false, PublicKeys = [other.PublicKey] });
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public async Task A_flipped_bit_of_a_signed_head_is_refused(double place)
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        long length = new FileInfo(HeadFile(image)).Length;
        image.Server.Always("images/*", Fault.FlipBit((long)(length * place), 2));
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => image.OpenAsync());
        Assert.Equal(FailureReason.Refused, failure.Reason);
        Assert.Equal(image.Repository.HeadName, failure.ObjectName);
        image.Server.Always("images/*", Fault.None);
        await using LazyDisk disk = await image.OpenAsync();
        await image.CheckAsync(disk, 0, 4096);
    }

    [Fact]
    public async Task The_head_of_another_name_is_refused()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        File.Copy(HeadFile(image),
            HeadFile(image).Replace("disk", "debian", StringComparison.Ordinal));
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => LazyDisk.OpenAsync(
                new Uri(image.Server.Root, "images/debian.vmseed"),
                Options() with { PublicKeys = [image.Repository.PublicKey!] },
                Token));
        Assert.Equal(FailureReason.Refused, failure.Reason);
        Assert.Contains("'disk'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_head_is_refused_and_one_that_was_accepted_in_time_serves_offline()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        await File.WriteAllBytesAsync(image.Repository.DiskPath, new byte[100_000], Token);
        await image.Repository.PublishAsync(ServedImage.BlockSize, options => options with
        {
            Fanout = 1024,
            Expires = TimeProvider.System.GetUtcNow().AddDays(2),
        });
        await (await OpenAsync(image)).DisposeAsync();
        var later = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(3));
        await RefusedAsync(image, "expired", o => Stateful(o) with { TimeProvider = later });
        await RefusedAsync(image, "expired", o => o with { TimeProvider = later });
        await image.Server.DisposeAsync();
        await using LazyDisk disk = await image.OpenAsync(
            options => Stateful(options) with { ReadDeadline = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(2, disk.Head.Version);
    }

    [Fact]
    public async Task An_older_head_and_another_of_the_same_version_are_refused()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        byte[] first = await File.ReadAllBytesAsync(HeadFile(image), Token);
        await image.PublishAsync(1_000_000, seed: 8);
        await using (LazyDisk newest = await OpenAsync(image))
        {
            Assert.Equal(2, newest.Head.Version);
        }

        byte[] second = await File.ReadAllBytesAsync(HeadFile(image), Token);
        await File.WriteAllBytesAsync(HeadFile(image), first, Token);
        await RefusedAsync(image, "lower than 2", Stateful);
        File.Delete(VersionFile(image, 2));
        await image.PublishAsync(1_000_000, seed: 9);
        await RefusedAsync(image, "content is not", Stateful);
        await File.WriteAllBytesAsync(HeadFile(image), second, Token);
        await (await OpenAsync(image)).DisposeAsync();
    }

    [Fact]
    public async Task An_older_version_opens_when_it_is_asked_for()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        byte[] old = image.Content;
        await image.PublishAsync(1_000_000, seed: 8);
        await (await OpenAsync(image)).DisposeAsync();
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            new Uri(image.Server.Root, "images/disk/1.vmseed"),
            Stateful(Options()) with { PublicKeys = [image.Repository.PublicKey!] },
            Token);
        Assert.Equal(1, disk.Head.Version);
        byte[] buffer = new byte[old.Length];
        await disk.ReadAsync(0, buffer, Token);
        Assert.True(old.AsSpan().SequenceEqual(buffer));
        await using LazyDisk newest = await OpenAsync(image);
        Assert.Equal(2, newest.Head.Version);
    }

    [Fact]
    public async Task Without_a_server_what_is_cached_is_read_and_the_rest_is_unavailable()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true, fanout: 16);
        await using (LazyDisk disk = await OpenAsync(image))
        {
            await image.CheckAsync(disk, 0, 1_500_000);
        }

        await image.Server.DisposeAsync();
        await using LazyDisk offline = await OpenAsync(image);
        await image.CheckAsync(offline, 0, 1_500_000);
        BlockIOException block = await image.FailAsync(offline, 1_800_000);
        BlockIOException page = await image.FailAsync(offline, 3_500_000);
        Assert.Equal(FailureReason.Unavailable, block.Reason);
        Assert.Equal(FailureReason.Unavailable, page.Reason);
        Assert.True(block.CanRetry);
        await image.CheckAsync(offline, 1_000_000, 500_000);
        BlockIOException unknown = await Assert.ThrowsAsync<BlockIOException>(
            () => image.OpenAsync(ServedImage.Impatient));
        Assert.Equal(FailureReason.Unavailable, unknown.Reason);
    }

    private Task<LazyDisk> OpenAsync(ServedImage image) => image.OpenAsync(Stateful);

    private LazyDiskOptions Stateful(LazyDiskOptions options) =>
        ServedImage.Impatient(options) with
        {
            StateDirectory = _state.Root,
            CacheDirectory = _cache.Root,
        };

    private static async Task RefusedAsync(
        ServedImage image, string fact, Func<LazyDiskOptions, LazyDiskOptions> adapt)
    {
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => image.OpenAsync(adapt));
        Assert.Equal(FailureReason.Refused, failure.Reason);
        Assert.Contains(fact, failure.Message, StringComparison.Ordinal);
        Assert.False(failure.CanRetry);
    }

    private static LazyDiskOptions Options() =>
        new() { StateDirectory = null, CacheDirectory = null };

    private static string HeadFile(ServedImage image) =>
        Path.Join(image.Repository.Root, image.Repository.HeadName);

    private static string VersionFile(ServedImage image, int version) =>
        Path.Join(image.Repository.Root, $"images/disk/{version}.vmseed");
}
