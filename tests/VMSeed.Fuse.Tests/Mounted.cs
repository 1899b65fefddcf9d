using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Testing;

namespace VMSeed.Fuse.Tests;

/// <summary>A mount in a folder of its own, through the real kernel.</summary>
internal sealed class Mounted : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private Mounted(TempFolder folder, FuseMount mount)
    {
        _folder = folder;
        Mount = mount;
    }

    public FuseMount Mount { get; }

    public string this[string name] => Path.Combine(Mount.MountPoint, name);

    public static async Task<Mounted> StartAsync(
        FuseFile[] files, FuseMountOptions? options = null, ILogger? logger = null)
    {
        Assert.SkipUnless(File.Exists("/dev/fuse"), "There is no /dev/fuse here.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount here.");
        TempFolder folder = new();
        Directory.CreateDirectory(folder["mnt"]);
        FuseMount mount = await FuseMount.MountAsync(
            folder["mnt"],
            files,
            options ?? new FuseMountOptions(),
            logger ?? NullLogger.Instance,
            TestContext.Current.CancellationToken);
        return new Mounted(folder, mount);
    }

    public async ValueTask DisposeAsync()
    {
        await Mount.DisposeAsync();
        _folder.Dispose();
    }
}
