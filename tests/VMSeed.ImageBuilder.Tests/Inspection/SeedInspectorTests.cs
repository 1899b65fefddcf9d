using VMSeed.Blocks;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.Disks;
using VMSeed.Disks.Drivers;
using VMSeed.ImageBuilder.Inspection;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.ImageBuilder.Tests.Seeds;
using VMSeed.ImageBuilder.Warming;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Inspection;

/// <summary>What seeds are seen to hold, from outside.</summary>
public sealed class SeedInspectorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_seed_has_its_images_and_neither_blocks_nor_changes()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        await using Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop);
        string path = workshop["seed.vhd"];
        await SeedWriter.WriteAsync(seed, path, DiskFormat.Vhd, null, Stop);
        byte[] before = await File.ReadAllBytesAsync(path, Stop);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(path, null, Stop))
        {
            SeedContents contents = await SeedInspector.ReadAsync(disk, Stop);
            Assert.Equal(SeedWorkshop.DiskId, contents.DiskId);
            Assert.Equal(SeedWorkshop.Created, contents.Created);
            SeededImage image = Assert.Single(contents.Images);
            Assert.Equal(("disk", 1), (image.Name, image.Version));
            Assert.True(image.Head.Content.DataBlocks > 0);
            Assert.Equal(0, contents.Cache.Blocks);
            Assert.Null(contents.Changes);
            Assert.Equal(
                ["vmseed-bios", "vmseed-boot", "vmseed-cache", "vmseed-changes"],
                contents.Partitions.Select(one => one.Name));
            Assert.Equal(0, contents.Partitions[2].AllocatedBytes);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(path, Stop));
    }

    [Fact]
    public async Task Blocks_that_were_put_there_are_counted_and_read_without_a_repository()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        await using Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop);
        LazyDiskOptions options = new()
        {
            PublicKeys = [workshop.Repository.PublicKey!],
            StateDirectory = null,
        };
        BlockCacheStatistics warmed = await SeedWarmer.WarmAsync(
            seed, workshop.Head, options, [(0, 100_000), (1_000_000, 300_000)], null, Stop);
        Assert.True(warmed.Blocks > 0);
        SeedContents contents = await SeedInspector.ReadAsync(seed.Disk, Stop);
        Assert.Equal(
            (warmed.Blocks, warmed.StoredBytes),
            (contents.Cache.Blocks, contents.Cache.StoredBytes));

        // A guest whose network is gone has the head in its seed, and the blocks in its cache.
        byte[] head = await File.ReadAllBytesAsync(workshop.Head, Stop);
        byte[] expected = workshop.Repository.DiskBytes;
        Directory.Delete(Path.Join(workshop.Repository.Root, "objects"), recursive: true);
        await using PartitionDevice partition = new(
            seed.Disk, seed.Table.Find(SeedLayout.Cache)!);
        await using BlockCache cache = await BlockCache.OpenDeviceAsync(
            partition, new BlockCacheOptions { Compress = true }, null, Stop);
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            workshop.Head, options with { SignedHead = head, Cache = cache }, Stop);
        byte[] read = new byte[300_000];
        await disk.ReadAsync(1_000_000, read, Stop);
        Assert.Equal(expected[1_000_000..1_300_000], read);
    }

    [Fact]
    public async Task A_file_system_of_changes_is_measured()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        string path = workshop["seed.raw"];
        GptPartition changes;
        await using (Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop))
        {
            changes = seed.Table.Find(SeedLayout.Changes)!;
            await SeedWriter.WriteAsync(seed, path, DiskFormat.Raw, null, Stop);
        }

        await PeerProgram.OutputAsync(
            "mke2fs", "-q", "-F", "-t", "ext4", "-O", "sparse_super2,^resize_inode", "-E",
            "packed_meta_blocks=1,lazy_itable_init=1,num_backup_sb=1,"
                + $"offset={changes.Offset}",
            path, $"{changes.Length / 1024}k");
        await using FileBlockDevice disk = FileBlockDevice.Open(path);
        SeedContents contents = await SeedInspector.ReadAsync(disk, Stop);
        Assert.Equal(changes.Length, contents.Changes!.Length);
        Assert.InRange(contents.Changes.UsedBytes, 1, changes.Length / 10);
        Assert.InRange(contents.Changes.UsedBytes, 1, 1 << 20);
        Assert.True(contents.Changes.IsClean);
    }

    [Fact]
    public async Task A_disk_that_is_no_seed_is_refused()
    {
        await using MemoryBlockDevice disk = new(8 << 20);
        ImageBuilderException fault = await Assert.ThrowsAsync<ImageBuilderException>(
            () => SeedInspector.ReadAsync(disk, Stop));
        Assert.Equal(ImageBuilderFault.Damaged, fault.Fault);
    }

    [Fact]
    public async Task A_VMDK_whose_tables_have_no_copies_grows_and_stays_without_fault()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        string path = workshop["seed.vmdk"];
        byte[] written = TestDisk.Noise(new Random(3), 5 << 20);
        long offset;
        await using (Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop))
        {
            offset = seed.Table.Find(SeedLayout.Changes)!.Offset;
            await SeedWriter.WriteAsync(seed, path, DiskFormat.Vmdk, null, Stop);
        }

        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { CanWrite = true }, Stop))
        {
            await disk.WriteAsync(offset, written, Stop);
        }

        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(path, null, Stop))
        {
            byte[] read = new byte[written.Length];
            await disk.ReadAsync(offset, read, Stop);
            Assert.Equal(written, read);
            CheckReport report = await disk.CheckAsync(cancellationToken: Stop);
            Assert.True(report.IsClean, report.ToString());
        }

        await PeerProgram.OutputAsync("qemu-img", "check", "-f", "vmdk", path);
    }
}
