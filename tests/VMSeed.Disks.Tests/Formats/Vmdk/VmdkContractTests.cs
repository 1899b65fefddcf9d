using VMSeed.Blocks;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>The usual VMDK keeps what every writable format keeps; QEMU judges.</summary>
public sealed class VmdkContractTests : WritableDiskContract
{
    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = length,
                BlockSize = 4096,
            },
            Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file,
            new VirtualDiskOptions { CanWrite = writable, Format = DiskFormat.Vmdk },
            Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        await QemuOracle.CheckAsync(path, "vmdk", content);
}
