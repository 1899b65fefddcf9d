using VMSeed.Guest.Consoles;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Programs;

namespace VMSeed.Guest.Booting;

/// <summary>The life of process 1: it ends as another program, or with the machine, and never by
/// itself, for that would be the kernel's panic.</summary>
internal static class InitLife
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        GuestConsole console = new();
        Rescue rescue = new(console);
        for (; ; )
        {
            try
            {
                MountSystem();
                await using BootAttempt attempt = new(console, TimeProvider.System, arguments);
                await attempt.RunAsync();
            }
            catch (Exception fault)
            {
                rescue.Ask(fault);
            }
        }
    }

    // Each once: a second attempt finds them in place.
    private static void MountSystem()
    {
        MountKernels();
        Directory.CreateDirectory("/run/vmseed");
        File.SetUnixFileMode("/run/vmseed", UnixFileMode.UserRead | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute);
        MakeLinks();
    }

    private static void MountKernels()
    {
        MountFlags harmless = MountFlags.NoSuid | MountFlags.NoDevices | MountFlags.NoExecution;
        MountOnce("proc", "/proc", "self", harmless, null);
        MountOnce("sysfs", "/sys", "block", harmless, null);
        MountOnce("devtmpfs", "/dev", "mem", MountFlags.NoSuid, "mode=0755");
        MountOnce("tmpfs", "/run", "vmseed", MountFlags.NoSuid | MountFlags.NoDevices, "mode=0755");
        if (!File.Exists("/run/initramfs/init"))
        {
            // What systemd comes back to at shutdown, and leaves alone until then.
            Mounts.Bind("/", "/run/initramfs");
        }
    }

    private static void MakeLinks()
    {
        if (!File.Exists("/shutdown"))
        {
            // Relative, for systemd looks at it from outside.
            File.CreateSymbolicLink("/shutdown", Environment.ProcessPath!.TrimStart('/'));
        }

        if (!File.Exists("/sbin/modprobe"))
        {
            // The kernel calls it by this name, when a file system wants its checksums.
            Directory.CreateDirectory("/sbin");
            File.CreateSymbolicLink("/sbin/modprobe", Busybox.Path);
        }
    }

    private static void MountOnce(
        string fileSystem, string folder, string mark, MountFlags flags, string? options)
    {
        if (!Path.Exists(Path.Join(folder, mark)))
        {
            Mounts.Mount(fileSystem, folder, fileSystem, flags, options);
        }
    }
}
