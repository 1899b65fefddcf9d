using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

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

/// <summary>As QEMU makes them by default.</summary>
public sealed class Qcow2V3Tests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3");
}

/// <summary>Version 2, where no entry says that a cluster is zeros.</summary>
public sealed class Qcow2V2Tests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v2", 4096);
}

/// <summary>The smallest clusters: tables grow within one session.</summary>
public sealed class Qcow2SmallClusterTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3,lazy_refcounts", 512);
}

/// <summary>Subclusters of a sector.</summary>
public sealed class Qcow2SubclusterTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("extended_l2", 16 * 1024);
}

/// <summary>The largest clusters.</summary>
public sealed class Qcow2LargeClusterTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3,zstd", 2 << 20);
}

/// <summary>Over a parent that is shorter than the disk.</summary>
public sealed class Qcow2ChildTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v3") with
    {
        Parent = new MemoryBlockDevice(3_000_320),
        ParentName = "parent",
    };
}

/// <summary>Version 2 over a parent: zeros have to be stored.</summary>
public sealed class Qcow2V2ChildTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("v2") with
    {
        Parent = new MemoryBlockDevice(3_000_320),
        ParentName = "parent",
    };
}

/// <summary>Subclusters over a parent.</summary>
public sealed class Qcow2SubclusterChildTests : Qcow2Contract
{
    protected override VirtualDiskCreateOptions Shape => Make("extended_l2") with
    {
        Parent = new MemoryBlockDevice(3_000_320),
        ParentName = "parent",
    };
}
