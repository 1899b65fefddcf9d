using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>A child, whose grains of zeros are entries, keeps what every writable format
/// keeps.</summary>
public sealed class VmdkChildContractTests : WritableDiskContract
{
    private const string ParentName = "parent.vmdk";

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = length,
                BlockSize = 4096,
                Parent = new MemoryBlockDevice(length),
                ParentName = ParentName,
            },
            Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file,
            new VirtualDiskOptions
            {
                CanWrite = writable,
                Parent = new MemoryBlockDevice(Length),
            },
            Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        string parent = Path.Join(Path.GetDirectoryName(path), ParentName);
        await using (await VirtualDisk.CreateFileAsync(
            parent,
            new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = content.Length },
            Token))
        {
        }

        // What a child writes down of a parent that has no CID.
        byte[] bytes = await File.ReadAllBytesAsync(parent, Token);
        "fffffffe"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("\nCID="u8) + 5));
        await File.WriteAllBytesAsync(parent, bytes, Token);
        await QemuOracle.CheckAsync(path, "vmdk", content);
    }
}
