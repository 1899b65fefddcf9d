using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Formats.Sharing;

/// <summary>The contract of disks with several files, opened by the library as anybody opens
/// them.</summary>
public abstract class SharedFilesContract : DiskFilesContract
{
    protected override async ValueTask<BlockDevice> OpenAsync(PowerCutFiles files, bool writable) =>
        await VirtualDisk.OpenAsync(
            files[Main],
            new VirtualDiskOptions { CanWrite = writable, Files = new CutFileResolver(files) },
            Token);

    /// <summary>Fails unless the library itself, in another session over files on a disk, reads
    /// this content and finds nothing wrong.</summary>
    protected async ValueTask CheckAsync(string path, byte[] content, bool isRecovered)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        await ContentAssert.HoldsAsync(disk, content);
        CheckReport report = await disk.CheckAsync(cancellationToken: Token);
        Assert.Empty(report.Errors);
        Assert.True(isRecovered || report.IsClean, string.Join(' ', report.Leaks));
    }
}
