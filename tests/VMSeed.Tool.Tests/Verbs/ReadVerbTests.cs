using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

public sealed class ReadVerbTests
{
    [Fact]
    public async Task A_range_and_the_whole_disk_come_through_nginx()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await using NginxServer nginx = await NginxServer.StartAsync(shop.Repository);
        string address = $"{nginx.Root}images/disk.vmseed#{shop.PublicKey}";
        byte[] disk = File.ReadAllBytes(shop.Disk);
        Outcome range = await shop.ReadAsync("read", address, "--offset", "1M", "--length", "4K");
        Assert.Equal(disk[(1 << 20)..((1 << 20) + 4096)], range.MustExit(0).Bytes);
        Assert.Equal(disk, (await shop.ReadAsync("read", address)).MustExit(0).Bytes);
        Outcome end = await shop.ReadAsync("read", address, "--offset", "6M");
        Assert.Equal(disk[(6 << 20)..], end.MustExit(0).Bytes);
        (await shop.ReadAsync("read", address, "--offset", "6M", "--length", "1M"))
            .MustFail(2, "past the end");
    }

    [Fact]
    public async Task A_file_is_sparse_whole_and_not_overwritten_by_mistake()
    {
        using Workshop shop = await Workshop.PublishAsync();
        string copy = shop["copy.raw"];
        (await shop.ReadAsync("read", shop.Address, "-o", copy)).MustExit(0);
        Assert.Equal(Workshop.HashOf(shop.Disk), Workshop.HashOf(copy));
        Outcome used = await Vmseed.ShellAsync($"stat -c '%b %B' {copy}");
        long[] numbers = [.. used.Text.Split(' ').Select(long.Parse)];
        Assert.True(numbers[0] * numbers[1] < new FileInfo(copy).Length * 9 / 10);
        (await shop.ReadAsync("read", shop.Address, "-o", copy)).MustFail(1, "--force");
        (await shop.ReadAsync("read", shop.Address, "-o", copy, "--force")).MustExit(0);
    }

    [Fact]
    public async Task What_is_damaged_is_not_written()
    {
        using Workshop shop = await Workshop.PublishAsync();
        shop.DamagePack();
        string[] line = ["-o", shop["copy.raw"], "--timeout", "1s", "--no-cache"];
        (await shop.ReadAsync("read", shop.Address, line)).MustFail(6, "corrupt: ");
        Assert.Empty(Directory.GetFiles(shop.Root, "*copy*"));
    }

    [Fact]
    public async Task A_reader_that_leaves_ends_it_in_silence()
    {
        using Workshop shop = await Workshop.PublishAsync();
        string apart = string.Join(' ', shop.Apart);
        Outcome outcome = await Vmseed.ShellAsync(
            $"$V read '{shop.Address}' {apart} | head -c 1 | wc -c; echo ${{PIPESTATUS[0]}}");
        Assert.Equal("1\n141\n", outcome.Text);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public async Task Output_goes_where_the_shell_had_come_to()
    {
        using Workshop shop = await Workshop.PublishAsync();
        string read = $"$V read '{shop.Address}' {string.Join(' ', shop.Apart)} --length 3";
        string file = shop["out"];
        await Vmseed.ShellAsync($"(echo begin; {read}; echo end) >{file}; {read} >>{file}");
        byte[] disk = File.ReadAllBytes(shop.Disk);
        byte[] expected = [.. "begin\n"u8, .. disk[..3], .. "end\n"u8, .. disk[..3]];
        Assert.Equal(expected, File.ReadAllBytes(file));
    }

    [Fact]
    public async Task A_signal_ends_a_read_that_waits_for_a_server()
    {
        using Workshop shop = await Workshop.PublishAsync(1 << 20);
        await using FaultServer server = new(shop.Repository);
        server.Always("objects/*", Fault.StallBeforeHead);
        server.Always("images/*", Fault.StallBeforeHead);
        string address = $"{server.Root}images/disk.vmseed#{shop.PublicKey}";
        await using RunningTool read =
            RunningTool.Start(["read", address, "-o", "-", .. shop.Apart]);
        while (server.Requests.Count == 0)
        {
            await Task.Delay(
                TimeSpan.FromMilliseconds(10),
                TimeProvider.System,
                TestContext.Current.CancellationToken);
        }

        long start = TimeProvider.System.GetTimestamp();
        Assert.Equal(143, await read.TerminateAsync());
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
        Assert.Equal("vmseed: interrupted.", read.Error.TrimEnd());
    }
}
