using VMSeed.Blocks;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>What every shape of a VDI keeps, with QEMU as the judge.</summary>
public abstract class VdiContractTests : WritableDiskContract
{
    /// <summary>What kind of image.</summary>
    protected virtual VirtualDiskCreateOptions Options { get; } =
        new() { Format = DiskFormat.Vdi, Length = 0 };

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(file, Options with { Length = length }, Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = writable }, Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        await QemuOracle.CheckAsync(path, "vdi", content);
}
