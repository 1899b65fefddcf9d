using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Mounting;

/// <summary>An image mounted by <c>vmseed mount</c> in a process of its own.</summary>
internal sealed class MountedImage : IAsyncDisposable
{
    private MountedImage(RunningTool tool, string folder) => (Tool, Folder) = (tool, folder);

    public RunningTool Tool { get; }

    public string Folder { get; }

    public string File => Path.Join(Folder, "disk.raw");

    /// <summary>Mounts, or skips the test where there is no FUSE.</summary>
    public static async Task<MountedImage> StartAsync(
        Workshop shop, string name, string address, params string[] more)
    {
        Assert.SkipUnless(System.IO.File.Exists("/dev/fuse"), "/dev/fuse is not there.");
        string folder = Directory.CreateDirectory(shop[name]).FullName;
        RunningTool tool = await RunningTool.StartAsync(
            "Ctrl-C unmounts.", ["mount", address, folder, .. shop.Apart, .. more]);
        return new MountedImage(tool, folder);
    }

    public static bool IsMounted(string folder) =>
        System.IO.File.ReadAllText("/proc/self/mountinfo").Contains($" {folder} ");

    public ValueTask DisposeAsync() => Tool.DisposeAsync();
}
