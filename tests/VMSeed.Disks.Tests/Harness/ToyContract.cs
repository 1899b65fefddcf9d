using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Harness;

/// <summary>The contract over a toy with one fault; not public, so that only the tests of the
/// contract run it.</summary>
internal sealed class ToyContract(ToyFault fault) : WritableDiskContract
{
    protected override ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        ToyDisk.CreateAsync(file, length, fault);

    protected override ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        ToyDisk.OpenAsync(file, writable, fault);

    // Nobody else reads this format: a second opening of the copy has to do.
    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        await using FileBlockDevice file = FileBlockDevice.Open(path);
        await using BlockDevice disk = await ToyDisk.OpenAsync(file, false, ToyFault.None);
        await ContentAssert.HoldsAsync(disk, content);
    }
}
