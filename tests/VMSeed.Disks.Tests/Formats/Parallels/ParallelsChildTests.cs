using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Parallels;

/// <summary>An image over a parent keeps the contract: it has no entry for zeros, and gives no
/// place back.</summary>
public sealed class ParallelsChildTests : WritableDiskContract
{
    // Of zeros, as the contract wants a new disk to be; as long as any disk of it becomes. It is
    // memory and no more, so that nobody need close it.
    private static readonly MemoryBlockDevice s_parent = new(16 << 20);

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length)
    {
        VirtualDisk disk = await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = length,
                BlockSize = 64 << 10,
            },
            Token);
        if (file is FileBlockDevice)
        {
            return disk;
        }

        await disk.DisposeAsync();
        return await OpenAsync(file, true);
    }

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = writable, Parent = s_parent }, Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        await QemuOracle.CheckAsync(path, "parallels", content);
}
