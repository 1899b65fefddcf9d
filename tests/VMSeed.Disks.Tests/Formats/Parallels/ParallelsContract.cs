using VMSeed.Blocks;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>The contract of writable formats, for a variant of the single file.</summary>
public abstract class ParallelsContract(string variant, int clusterSize) : WritableDiskContract
{
    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = length,
                Variant = variant,
                BlockSize = clusterSize,
            },
            Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = writable }, Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        await QemuOracle.CheckAsync(path, "parallels", content);
}
