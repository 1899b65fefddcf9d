using VMSeed.Blocks;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>A dynamic VHDX keeps what every writable disk keeps.</summary>
public sealed class VhdxDynamicTests : WritableDiskContract
{
    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vhdx,
                Length = length,
                BlockSize = 1 << 20,
            },
            Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = writable, LeaveOpen = true }, Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        await QemuOracle.CheckAsync(path, "vhdx", content);
}
