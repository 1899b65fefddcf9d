using VMSeed.Blocks;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>The contract of writable disks for one shape of qcow2.</summary>
/// <remarks>After a power cut clusters may be counted that nothing points at, never the other way
/// round.</remarks>
public abstract class Qcow2Contract : WritableDiskContract
{
    /// <summary>The shape; its length is the contract's.</summary>
    protected abstract VirtualDiskCreateOptions Shape { get; }

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(file, Shape with { Length = length }, Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = writable, Parent = Shape.Parent }, Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        MakeParent(path);
        await QemuOracle.CheckAsync(path, "qcow2", content);
    }

    protected override async ValueTask CheckRecoveredWithOracleAsync(string path, byte[] content)
    {
        MakeParent(path);
        await QemuOracle.CheckAsync(path, "qcow2", content, allowLeaks: true);
    }

    protected static VirtualDiskCreateOptions Make(string variant, int? blockSize = null) => new()
    {
        Format = DiskFormat.Qcow2,
        Length = 0,
        Variant = variant,
        BlockSize = blockSize,
    };

    // What QEMU opens as the parent: zeros, as the device that the disk was made over.
    private void MakeParent(string path)
    {
        if (Shape.Parent is { } parent)
        {
            using FileStream raw = File.Create(
                Path.Join(Path.GetDirectoryName(path), Shape.ParentName));
            raw.SetLength(parent.Length);
        }
    }
}
