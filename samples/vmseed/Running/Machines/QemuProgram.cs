using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Running.Machines;

/// <summary>QEMU on this machine.</summary>
internal static class QemuProgram
{
    /// <summary>What images of this tool are disks of, whatever this machine is.</summary>
    public const string Default = "qemu-system-x86_64";

    /// <summary>Finds a program on the path.</summary>
    /// <returns>Its full path, or null.</returns>
    public static string? Find(string name)
    {
        if (name.Contains(Path.DirectorySeparatorChar))
        {
            return File.Exists(name) ? Path.GetFullPath(name) : null;
        }

        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Join(folder, file))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Finds QEMU, or says how to get it.</summary>
    public static string Require(string name) => Find(name) ?? throw new ToolException(
        ExitCode.Missing,
        $"{name} is not installed. Debian and Ubuntu have it in the package qemu-system-x86, "
        + "Fedora in qemu-system-x86-core, Arch in qemu-system-x86, Homebrew in qemu.");
}
