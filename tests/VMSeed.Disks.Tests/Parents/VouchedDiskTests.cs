using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Access;
using VMSeed.Testing;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Parents;

/// <summary>What an overlay over a disk is bound to: the file's identity, where the disk is in that
/// one file.</summary>
public sealed class VouchedDiskTests
{
    private const string Value = "file 0123 of some bytes";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_raw_disk_is_its_file()
    {
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(
            new VouchedDevice(new MemoryBlockDevice(Pattern.Disk(10_240, 1))),
            new VirtualDiskOptions { Format = DiskFormat.Raw },
            Token);
        Assert.Equal(Value, disk.Identity?.Value);
    }

    [Fact]
    public async Task A_disk_in_a_format_is_another_one_than_the_file()
    {
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(
            new VouchedDevice(await MakeAsync(parent: null)), cancellationToken: Token);
        Assert.Equal($"Qcow2 in {Value}", disk.Identity?.Value);
    }

    [Fact]
    public async Task Nobody_vouches_for_a_disk_that_is_written_or_lies_over_another()
    {
        await using (VirtualDisk written = await VirtualDisk.OpenAsync(
            new VouchedDevice(await MakeAsync(parent: null)),
            new VirtualDiskOptions { CanWrite = true },
            Token))
        {
            Assert.Null(written.Identity);
        }

        using TempFolder folder = new();
        await (await VirtualDisk.CreateFileAsync(folder["base.qcow2"], Shape(null), Token))
            .DisposeAsync();
        await using VirtualDisk child = await VirtualDisk.OpenAsync(
            new VouchedDevice(await MakeAsync("base.qcow2")),
            new VirtualDiskOptions { Files = new FolderFiles(folder.Root) },
            Token);
        Assert.NotNull(child.Info.ParentName);
        Assert.Null(child.Identity);
    }

    private static VirtualDiskCreateOptions Shape(string? parent) => new()
    {
        Format = DiskFormat.Qcow2,
        Length = 1 << 20,
        Parent = parent is null ? null : new MemoryBlockDevice(1 << 20),
        ParentName = parent,
        ParentFormat = parent is null ? null : DiskFormat.Qcow2,
    };

    private static async Task<MemoryBlockDevice> MakeAsync(string? parent)
    {
        PowerCutDevice made = new(0);
        await (await VirtualDisk.CreateAsync(made, Shape(parent), Token)).DisposeAsync();
        byte[] bytes = new byte[made.Length];
        await made.ReadAsync(0, bytes, Token);
        return new MemoryBlockDevice(bytes);
    }

    /// <summary>A file that somebody vouches for.</summary>
    private sealed class VouchedDevice(MemoryBlockDevice file) : BlockDevice
    {
        public override long Length => file.Length;

        public override bool CanWrite => true;

        public override ContentIdentity? Identity => new(Value);

        public override async ValueTask DisposeAsync()
        {
            await file.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override ValueTask ReadCoreAsync(
            long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            file.ReadAsync(offset, buffer, cancellationToken);

        protected override ValueTask WriteCoreAsync(
            long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
            file.WriteAsync(offset, data, cancellationToken);
    }
}
