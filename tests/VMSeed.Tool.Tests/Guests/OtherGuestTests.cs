using VMSeed.Testing.Servers;
using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>Guests that are no Linux, and know nothing of where their disk comes from.</summary>
public sealed class OtherGuestTests
{
    private static readonly string[] _small = ["--memory", "128M", "--cpus", "1"];

    [Fact]
    public async Task Memtest86_starts() => await StartsAsync(
        await GuestImages.MemtestAsync(), "virtio", "Memtest86+");

    [Fact]
    public async Task Grub_draws_the_menu_that_it_reads_from_the_disk() => await StartsAsync(
        await GuestImages.GrubAsync(), "sata", "GNU/Hurd");

    [Fact]
    public async Task A_guest_whose_server_is_away_waits_for_it()
    {
        await using PublishedGuest image =
            await PublishedGuest.CreateAsync(await GuestImages.GrubAsync());
        await using FaultServer server = new(Path.Join(image["www"]));
        string socket = image["screen"];
        server.Always("objects/*", Fault.Status(503));
        await using RunningGuest guest = image.RunFrom(
            server.Root, [.. _small, "--timeout", "1s", .. GuestScreen.ArgumentsFor(socket)]);
        await GuestScreen.WaitForAsync(socket, "Booting from Hard Disk");
        await guest.ReadErrorToAsync("the guest is paused until it succeeds");
        server.Always("objects/*", Fault.None);
        await GuestScreen.WaitForAsync(socket, "GNU/Hurd");
        Assert.Equal(ExitCode.Interrupted, await guest.InterruptAsync(times: 2));
    }

    [Fact]
    public async Task A_guest_ends_with_a_tool_that_is_killed()
    {
        await using PublishedGuest image =
            await PublishedGuest.CreateAsync(await GuestImages.GrubAsync());
        string socket = image["screen"];
        await using RunningGuest guest = image.RunForgetful(
            [.. _small, .. GuestScreen.ArgumentsFor(socket)]);
        await GuestScreen.WaitForAsync(socket, "GNU/Hurd");
        string qemu = $"/proc/{guest.FindQemu()}";
        await guest.KillToolAsync();
        long start = TimeProvider.System.GetTimestamp();
        while (Directory.Exists(qemu))
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1),
                "QEMU goes on.");
            await Task.Delay(
                TimeSpan.FromMilliseconds(100),
                TimeProvider.System,
                TestContext.Current.CancellationToken);
        }
    }

    private static async Task StartsAsync(string disk, string bus, string text)
    {
        await using PublishedGuest image = await PublishedGuest.CreateAsync(disk);
        string socket = image["screen"];
        await using RunningGuest guest = image.RunForgetful(
            [.. _small, "--bus", bus, .. GuestScreen.ArgumentsFor(socket)]);
        await GuestScreen.WaitForAsync(socket, text);

        // It takes no orders to power down, so it is the second one that ends it.
        Assert.Equal(ExitCode.Interrupted, await guest.InterruptAsync(times: 2));
        Assert.False(File.Exists(image.Overlay));
    }
}
