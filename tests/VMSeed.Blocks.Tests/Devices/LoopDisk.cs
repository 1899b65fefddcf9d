using System.Diagnostics;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Devices;

/// <summary>A block device of the kernel, made of a file.</summary>
internal sealed class LoopDisk : IDisposable
{
    /// <summary>Attaches a file.</summary>
    /// <param name="file">The file.</param>
    public LoopDisk(string file)
    {
        Need.Root();
        Assert.SkipUnless(File.Exists("/dev/loop-control"), "The kernel has no loop devices.");
        Path = Run("--find", "--show", file).Trim();
    }

    public string Path { get; }

    public void Dispose() => Run("--detach", Path);

    private static string Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Need.Tool("losetup"), arguments)
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"losetup ended with {process.ExitCode}.");
        return output;
    }
}
