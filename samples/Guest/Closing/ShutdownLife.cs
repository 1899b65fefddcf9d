using System.Net.Sockets;
using VMSeed.Guest.Booting.Changes;
using VMSeed.Guest.Booting.Daemons;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Storage;

namespace VMSeed.Guest.Closing;

/// <summary>The last life: systemd has ended everything, made the initramfs its root again and
/// become this program, with the old root at /oldroot (systemd.io/INITRD_INTERFACE).</summary>
internal sealed class ShutdownLife(GuestConsole console, TimeProvider time)
{
    private const string MountTable = "/proc/self/mountinfo";
    private const string Changes = "/changes";

    // What this program itself needs, and what is memory.
    private static readonly string[] s_kept = ["/", "/proc", "/sys", "/dev", "/run", Changes];

    // A process that is being killed may hold a file for some more milliseconds.
    private const int MostRounds = 20;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    // Flushing the cache of a slow disk; a daemon that does not answer must not keep the machine
    // on.
    private static readonly TimeSpan s_daemonPatience = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string? verb)
    {
        ShutdownLife life = new(new GuestConsole(), TimeProvider.System);
        try
        {
            await life.LetGoAsync();
        }
        catch (Exception fault)
        {
            life.Tell($"not all could be let go in order: {fault.Message}");
        }

        MachineCalls.Synchronize();
        MachineCalls.End(verb switch
        {
            "reboot" => MachineEnd.Reboot,
            "halt" => MachineEnd.Halt,
            "kexec" => MachineEnd.OtherKernel,
            _ => MachineEnd.PowerOff,
        });

        // Where that was refused, as kexec without a kernel: process 1 must not end.
        MachineCalls.End(MachineEnd.Reboot);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 1;
    }

    // The root first, for it lies on both others; then the changes; the cache and the disk last,
    // for the root was read from them.
    private async Task LetGoAsync()
    {
        await UnmountAllAsync();
        if (Directory.Exists(Changes + "/images"))
        {
            StateFolder.Keep(new ImageChanges("", Changes));
            if (!Mounts.TryUnmount(Changes) && !Mounts.TryMakeReadOnly(Changes))
            {
                Tell("the changes are still in use; what was written is safe");
            }
        }

        using CancellationTokenSource late = new(s_daemonPatience);
        try
        {
            await foreach (string line in ControlClient.AskAsync(ControlServer.Finish, late.Token))
            {
                Tell(line == ControlServer.Done ? "all is let go" : line);
            }
        }
        catch (Exception gone)
            when (gone is SocketException or IOException or OperationCanceledException)
        {
            Tell($"the storage daemon does not answer: {gone.Message}");
        }
    }

    private async Task UnmountAllAsync()
    {
        for (int round = 0; round < MostRounds; round++)
        {
            string[] left = [.. MountList.Parse(await File.ReadAllTextAsync(MountTable))
                .Where(folder => !s_kept.Contains(folder)).Reverse()];
            if (left.Length == 0) { return; }

            int unmounted = 0;
            foreach (string folder in left)
            {
                unmounted += Mounts.TryUnmount(folder) ? 1 : 0;
            }

            if (unmounted < left.Length) { await Task.Delay(s_pause, time); }
        }
    }

    private void Tell(string fact) => console.Say($"shutdown: {fact}");
}
