using VMSeed.Blocks;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Harness;

/// <summary>The contract over no format at all: the file is the disk, and qemu-img the
/// judge.</summary>
public sealed class RawFileContractTests : WritableDiskContract
{
    // It is only let go.
    protected override bool ClosingFlushes => false;

    protected override bool HasLengthOfFile => true;

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length)
    {
        await file.SetLengthAsync(length);
        return file;
    }

    protected override ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        new(writable ? file : new ReadOnlyDevice(file));

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        await QemuOracle.CheckAsync(path, "raw", content);
}
