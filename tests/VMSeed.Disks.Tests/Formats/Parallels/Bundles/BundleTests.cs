using VMSeed.Blocks.Devices;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>A disk that is a folder.</summary>
public sealed class BundleTests
{
    private const int Length = 4 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bundle")]
    [InlineData("bundle-v2")]
    public async Task A_new_bundle_is_written_and_opened_by_its_folder_and_by_its_descriptor(
        string variant)
    {
        using BundleFolder folder = new();
        byte[] content = Pattern.Disk(Length, 1);
        await using (VirtualDisk disk = await CreateAsync(folder, Length, variant))
        {
            Assert.Equal("bundle", disk.Info.Variant);
            await disk.WriteAsync(0, content, Token);
        }

        foreach (string path in new[] { folder.Root, folder.Descriptor })
        {
            await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(path, null, Token);
            Assert.Equal(DiskFormat.Parallels, disk.Info.Format);
            await ContentAssert.HoldsAsync(disk, content);
            await MapContract.CheckAsync(disk, content, 0, Length, Token);
            Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
        }

        string image = Assert.Single(Directory.GetFiles(folder.Root, "*.hds"));
        await QemuOracle.CheckAsync(image, "parallels", content);
    }

    [Fact]
    public async Task A_bundle_has_whole_cylinders_and_fails_where_something_is_already()
    {
        using BundleFolder folder = new();
        await using (VirtualDisk disk = await CreateAsync(folder, 1_000_000))
        {
            Assert.Equal(1 << 20, disk.Length);
        }

        string[] before = Directory.GetFiles(folder.Root);
        await Assert.ThrowsAsync<IOException>(async () => await CreateAsync(folder, Length));
        Assert.Equal(before, Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task A_bundle_that_cannot_be_made_leaves_nothing()
    {
        using BundleFolder folder = new();
        await Assert.ThrowsAsync<DiskFormatException>(
            async () => await CreateAsync(folder, 4L << 40, "bundle-v1"));
        Assert.False(Directory.Exists(folder.Root));
    }

    [Fact]
    public async Task A_disk_is_converted_into_a_bundle()
    {
        using BundleFolder folder = new();
        byte[] content = Pattern.Disk(Length, 2);
        await using MemoryBlockDevice source = new(content);
        await DiskConverter.ConvertFileAsync(
            source,
            folder.Root,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = Length,
                Variant = "bundle",
            },
            cancellationToken: Token);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(folder.Root, null, Token);
        await ContentAssert.HoldsAsync(disk, content);
    }

    [Fact]
    public async Task Split_parts_read_and_write_as_one_disk()
    {
        using BundleFolder folder = new();
        byte[] content = Pattern.Disk(Length, 3);
        await folder.SplitAsync(content, 1 << 20, 1_500_160, Length - (1 << 20) - 1_500_160);
        await using (VirtualDisk disk = await OpenAsync(folder))
        {
            await ContentAssert.HoldsAsync(disk, content);
            await MapContract.CheckAsync(disk, content, 0, Length, Token);
            Random random = new(4);
            for (int i = 0; i < 60; i++)
            {
                int offset = random.Next(Length);
                int count = Math.Min(random.Next(1, 700_000), Length - offset);
                Memory<byte> range = content.AsMemory(offset, count);
                if (i % 3 == 0)
                {
                    range.Span.Clear();
                    await disk.ZeroAsync(offset, count, Token);
                }
                else
                {
                    random.NextBytes(range.Span);
                    await disk.WriteAsync(offset, range, Token);
                }
            }

            await disk.FlushAsync(Token);
            await ContentAssert.HoldsAsync(disk, content);
            await Assert.ThrowsAsync<NotSupportedException>(
                async () => await disk.SetLengthAsync(Length * 2, Token));
        }

        await using VirtualDisk again = await OpenAsync(folder, canWrite: false);
        await ContentAssert.HoldsAsync(again, content);
        byte[] last = content[((1 << 20) + 1_500_160)..];
        await QemuOracle.CheckAsync(
            Directory.GetFiles(folder.Root, "disk.hdd.2.*").Single(), "parallels", last);
    }

    [Fact]
    public async Task Reads_within_a_part_allocate_nothing_and_complete_at_once()
    {
        using BundleFolder folder = new();
        await folder.SplitAsync(Pattern.Random(Length, 5), 1 << 20, Length - (1 << 20));
        await using VirtualDisk disk = await OpenAsync(folder, canWrite: false);
        await ContentAssert.ReadAsync(disk);
        byte[] buffer = new byte[4096];
        Random random = new(6);
        Assert.Equal(
            0,
            Allocations.Measure(
                () => disk.ReadAsync(random.Next(Length / 4096) * 4096L, buffer)));
    }

    [Theory]
    [InlineData(DiskFormat.Raw)]
    [InlineData(DiskFormat.Parallels)]
    public async Task A_bundle_over_another_disk_names_it(DiskFormat below)
    {
        using BundleFolder folder = new();
        using TempFolder other = new();
        byte[] content = Pattern.Disk(Length, 7);
        string raw = other.Write("base.raw", content);
        string path = below == DiskFormat.Raw ? raw : other["base.hdd"];
        if (below == DiskFormat.Parallels)
        {
            await QemuImg.ConvertAsync(raw, "raw", path, "parallels");
        }

        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(path, null, Token))
        {
            await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
                folder.Root,
                new VirtualDiskCreateOptions
                {
                    Format = DiskFormat.Parallels,
                    Length = Length,
                    Variant = "bundle",
                    Parent = parent,
                    ParentName = path,
                },
                Token);
            await ContentAssert.HoldsAsync(disk, content);
            await disk.ZeroAsync(100_000, 2 << 20, Token);
            content.AsSpan(100_000, 2 << 20).Clear();
            await ContentAssert.HoldsAsync(disk, content);
        }

        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(folder));
        Assert.Equal(DiskFault.NotGranted, refusal.Fault);
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            folder.Root,
            new VirtualDiskOptions { Files = new FolderFiles(folder.Root, other.Root) },
            Token);
        await ContentAssert.HoldsAsync(again, content);
    }

    [Fact]
    public async Task A_parent_without_a_name_is_given_at_every_opening()
    {
        using BundleFolder folder = new();
        byte[] content = Pattern.Random(Length - 1000, 8);
        await using MemoryBlockDevice parent = new(content);
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder.Root,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = Length,
                Variant = "bundle",
                Parent = parent,
            },
            Token))
        {
            await disk.WriteAsync(Length - 5000, new byte[5000], Token);
        }

        byte[] expected = [.. content[..(Length - 5000)], .. new byte[5000]];
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(folder));
        Assert.Equal(DiskFault.MissingFile, refusal.Fault);
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            folder.Root, new VirtualDiskOptions { Parent = parent }, Token);
        await ContentAssert.HoldsAsync(again, expected);
    }

    [Fact]
    public async Task A_folder_without_a_descriptor_is_no_image()
    {
        using TempFolder folder = new();
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(folder.Root, null, Token));
        Assert.Equal(DiskFault.Unrecognized, refusal.Fault);
    }

    private static ValueTask<VirtualDisk> CreateAsync(
        BundleFolder folder, long length, string variant = "bundle") =>
        VirtualDisk.CreateFileAsync(
            folder.Root,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = length,
                Variant = variant,
            },
            Token);

    private static ValueTask<VirtualDisk> OpenAsync(BundleFolder folder, bool canWrite = true) =>
        VirtualDisk.OpenFileAsync(
            folder.Root, new VirtualDiskOptions { CanWrite = canWrite }, Token);
}
