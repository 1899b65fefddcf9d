using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using VMSeed.Blocks;
using VMSeed.Blocks.Overlay;
using VMSeed.Testing.Peers;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>A real Debian from a web server: it boots, writes, loses its power, and boots
/// again.</summary>
public sealed class DebianGuestTests
{
    private const int BlockSize = 64 * 1024;

    // The second partition, as eng/guest.sh lays it out.
    private const long RootStart = 25 << 20;

    private const string Files = "/var/lib/written";

    // 20 files of 100 KB, so that journal, bitmaps and directories change too.
    private const string WriteFiles =
        $"mkdir {Files}; for i in $(seq 20); do head -c 100000 /dev/urandom >{Files}/$i; done";

    private const string Sums = $"cd {Files}; sha256sum * | sort";

    // At the address that QEMU's network gives to its first guest.
    private const string ServeFiles = "busybox ip link set eth0 up; "
        + "busybox ip address add 10.0.2.15/24 dev eth0; "
        + $"busybox httpd -p 80 -h {Files}";

    [Fact]
    public async Task A_guest_finds_what_it_had_synced_when_its_power_was_cut()
    {
        await using PublishedGuest image =
            await PublishedGuest.CreateAsync(await GuestImages.DebianAsync());
        string sums = await BootWriteAndCutAsync(image);
        long bytes = (await image.ServedAsync()).Bytes;
        HashSet<long> first = BootProfile.BlocksOf(image["first"], BlockSize);
        Served touched = await FetchAsync(image, first);
        Tell($"First boot: {bytes} bytes served, {bytes / (double)touched.Bytes:F3} of "
            + $"{touched.Bytes}, which {first.Count} touched blocks and their index are.");
        Assert.True(bytes <= touched.Bytes * 1.25, $"{bytes} bytes for {touched.Bytes}.");

        await CheckFileSystemAsync(image, "cut");
        await image.ServedAsync();

        // The overlay is of the version before.
        await image.PublishAgainAsync(await GuestImages.GrubAsync());
        int port = FreePort();
        await using RunningGuest again = image.Run(
            "--record", image["second"], "--forward", $"{port}:80");
        await again.ReadyAsync();
        Assert.Equal(sums, await again.ExecuteAsync(Sums));
        await again.ExecuteAsync(ServeFiles);
        Assert.Contains(await HashOfServedAsync(port, "7"), sums, StringComparison.Ordinal);
        Assert.Equal(0, await again.InterruptAsync());
        HashSet<long> second = BootProfile.BlocksOf(image["second"], BlockSize);
        second.ExceptWith(first);
        Served served = await image.ServedAsync();
        Tell($"Second boot: {served.Requests.Count} requests, {served.Bytes} bytes, for "
            + $"{second.Count} blocks that the first did not touch.");
        Assert.Empty(served.AskedAgain(touched.Requests));
        Assert.True(
            served.Requests.Count <= second.Count,
            $"{served.Requests.Count} requests for {second.Count} new blocks.");
        await CheckFileSystemAsync(image, "off");
    }

    // What is not synced makes the cut an unclean one.
    private static async Task<string> BootWriteAndCutAsync(PublishedGuest image)
    {
        await using RunningGuest guest = image.Run("--record", image["first"]);
        await guest.ReadyAsync();
        await guest.ExecuteAsync($"{WriteFiles}; sync");
        string sums = await guest.ExecuteAsync(Sums);
        await guest.ExecuteAsync("head -c 3000000 /dev/urandom >/var/lib/unsynced");
        Assert.Equal(128 + 9, await guest.CutPowerAsync());
        Assert.Contains("exit code 137", await guest.ErrorAsync(), StringComparison.Ordinal);
        return sums;
    }

    private static void Tell(string line) =>
        TestContext.Current.TestOutputHelper?.WriteLine(line);

    // What it costs to fetch these blocks and nothing else, each by itself.
    private static async Task<Served> FetchAsync(PublishedGuest image, HashSet<long> blocks)
    {
        await image.ServedAsync();
        LazyDiskOptions options = new()
        {
            CacheDirectory = null,
            StateDirectory = null,
            ReadAhead = false,
        };
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            image.Address, options, TestContext.Current.CancellationToken);
        byte[] buffer = new byte[1];
        foreach (long block in blocks.Order())
        {
            await disk.ReadAsync(
                block * BlockSize, buffer, TestContext.Current.CancellationToken);
        }

        return await image.ServedAsync();
    }

    // The journal first, as the kernel does it at a mount; then nothing may be left to repair.
    private static async Task CheckFileSystemAsync(PublishedGuest image, string name)
    {
        string root = image[name];
        await CopyRootAsync(image, root);
        await PeerProgram.OutputAsync("e2fsck", "-E", "journal_only", "-y", root);
        await PeerProgram.OutputAsync("e2fsck", "-f", "-n", root);
        File.Delete(root);
    }

    // Past the guest's cache, in which the second boot shall find what the first one left, no more.
    private static async Task CopyRootAsync(PublishedGuest image, string file)
    {
        OverlayInfo overlay = await OverlayDisk.ReadInfoAsync(
            image.Overlay, TestContext.Current.CancellationToken);
        LazyDiskOptions options = new()
        {
            CacheDirectory = null,
            StateDirectory = null,
            SignedHead = overlay.Base.SignedHead,
        };
        await using LazyDisk published = await LazyDisk.OpenAsync(
            image.Address, options, TestContext.Current.CancellationToken);
        await using OverlayDisk disk = published.WithOverlay(
            image.Overlay, new OverlayOptions { Mode = FileMode.Open, ReadOnly = true });
        await using Stream source = disk.AsStream();
        source.Position = RootStart;
        await using FileStream target = File.Create(file);
        await source.CopyToAsync(target, TestContext.Current.CancellationToken);
    }

    private static async Task<string> HashOfServedAsync(int port, string file)
    {
        using HttpClient client = new();
        byte[] bytes = await client.GetByteArrayAsync(
            new Uri($"http://127.0.0.1:{port}/{file}"), TestContext.Current.CancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static int FreePort()
    {
        using Socket probe = new(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
