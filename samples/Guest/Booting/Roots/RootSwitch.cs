using VMSeed.Guest.Interop;

namespace VMSeed.Guest.Booting.Roots;

/// <summary>Leaves the initramfs for the system.</summary>
/// <remarks>Other than switch_root(8) does, the initramfs stays, but for what nobody needs any
/// more: the storage daemon lives in it, and at shutdown systemd comes back to it, by the bind
/// mount at /run/initramfs. A copy would cost its size once more.</remarks>
internal sealed class RootSwitch(string root)
{
    private const string Modules = "/lib/modules";
    private static readonly string[] s_moved = ["/dev", "/proc", "/sys", "/run"];
    private static readonly string[] s_inits =
    [
        "/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd", "/etc/init", "/bin/init",
    ];

    /// <summary>Becomes the system's own process 1.</summary>
    /// <param name="wished">The program that the command line names; null for the usual.</param>
    /// <param name="arguments">What the kernel gave us, and we give on.</param>
    /// <exception cref="IOException">There is no such program; the initramfs is as it was, or the
    /// program cannot be executed.</exception>
    public void Enter(string? wished, IReadOnlyList<string> arguments)
    {
        string program = (wished is null ? s_inits : [wished]).FirstOrDefault(IsThere)
            ?? throw new IOException(
                $"The image has no {wished ?? "init"}: is the root file system another one?");
        if (Directory.Exists(Modules)) { Directory.Delete(Modules, recursive: true); }

        foreach (string folder in s_moved)
        {
            Directory.CreateDirectory(root + folder);
        }

        Environment.CurrentDirectory = root;
        foreach (string folder in s_moved) { Mounts.Move(folder, "." + folder); }

        Mounts.Move(".", "/");
        Mounts.ChangeRootToHere();
        ProcessCalls.Execute(program, [program, .. arguments]);
        throw new IOException($"{program} cannot be executed.");
    }

    // A link may name a path that only means something inside of the root.
    private bool IsThere(string program)
    {
        FileInfo file = new(root + program);
        return file.Exists || file.LinkTarget is not null;
    }
}
