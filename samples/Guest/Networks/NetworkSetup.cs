using VMSeed.Guest.Consoles;
using VMSeed.Guest.Hardware;
using VMSeed.Guest.Programs;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Networks;

/// <summary>Brings the machine into its network.</summary>
internal sealed class NetworkSetup(GuestConsole console, TimeProvider time)
{
    private const string Interfaces = "/sys/class/net";
    private const string Leases = "/run/vmseed/leases";
    private const string Script = "/run/vmseed/dhcp-lease";

    // ARPHRD_ETHER of linux/if_arp.h.
    private const string Wired = "1";

    // A switch that learns its topology anew passes nothing for thirty seconds and more.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Sets the network up.</summary>
    /// <returns>False where there is none; the console has been told why.</returns>
    public async Task<bool> RunAsync(BootWords words)
    {
        _ = Drivers.TryLoad("af_packet");
        _ = Busybox.Run("ip", "link", "set", "lo", "up");
        if (words.IsOffline)
        {
            console.Say("network none, as the menu says");
            return false;
        }

        IReadOnlyList<string> names = FindWired();
        if (names.Count == 0)
        {
            console.Say("network none: the machine has no wired adapter that a driver is here for");
            return false;
        }

        foreach (string name in names)
        {
            _ = Busybox.Run("ip", "link", "set", name, "up");
        }

        if (words.Network is { } given)
        {
            Apply(names[0], given);
            return true;
        }

        return await AskAsync(names);
    }

    private static IReadOnlyList<string> FindWired() =>
        [.. Directory.EnumerateFileSystemEntries(Interfaces)
            .Where(path => Directory.Exists(Path.Join(path, "device"))
                && !Directory.Exists(Path.Join(path, "wireless"))
                && File.ReadAllText(Path.Join(path, "type")).Trim() == Wired)
            .Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal)];

    private async Task<bool> AskAsync(IReadOnlyList<string> names)
    {
        Directory.CreateDirectory(Leases);
        File.WriteAllText(Script, $"""
            #!/bin/busybox sh
            [ "$1" = bound ] || exit 0
            busybox env >"{Leases}/.$interface"
            busybox mv "{Leases}/.$interface" "{Leases}/$interface"
            """);
        File.SetUnixFileMode(Script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        foreach (string name in names)
        {
            File.Delete(Path.Join(Leases, name));

            // -q: the lease is the machine's from then on, and renewing it the image's own affair.
            Busybox.Start(
                "udhcpc", "-i", name, "-s", Script, "-f", "-q", "-n", "-t", "12", "-T", "3");
        }

        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < s_patience)
        {
            if (names.FirstOrDefault(name => File.Exists(Path.Join(Leases, name))) is { } first
                && Lease.Parse(File.ReadAllText(Path.Join(Leases, first))) is { } lease)
            {
                Apply(first, lease);
                return true;
            }

            await Task.Delay(s_pause, time);
        }

        console.Say($"network none: no DHCP server has answered on {string.Join(", ", names)}; "
            + "the menu's vmseed.net=ADDRESS/PREFIX,GATEWAY,DNS sets one up by hand");
        return false;
    }

    private void Apply(string name, StaticNetwork network)
    {
        string address = $"{network.Address}/{network.PrefixLength}";
        _ = Busybox.Run("ip", "addr", "flush", "dev", name);
        Busybox.Do("ip", "addr", "add", address, "dev", name);
        if (network.Gateway is { } gateway)
        {
            _ = Busybox.Run("ip", "route", "del", "default");
            Busybox.Do("ip", "route", "add", "default", "via", $"{gateway}", "dev", name);
        }

        Directory.CreateDirectory("/etc");
        File.WriteAllLines(
            "/etc/resolv.conf", network.NameServers.Select(server => $"nameserver {server}"));
        string driver = Drivers.DriverOf(Path.Join(Interfaces, name)) ?? "its driver";
        console.Say($"network {network.Address} by {driver} ({name})");
    }
}
