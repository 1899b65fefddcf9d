using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Harness;

/// <summary>The contract lets a right format pass.</summary>
public sealed class ToyDiskTests : WritableDiskContract
{
    protected override ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        ToyDisk.CreateAsync(file, length, ToyFault.None);

    protected override ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        ToyDisk.OpenAsync(file, writable, ToyFault.None);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        await using FileBlockDevice file = FileBlockDevice.Open(path);
        await using BlockDevice disk = await OpenAsync(file, false);
        await ContentAssert.HoldsAsync(disk, content);
    }
}
