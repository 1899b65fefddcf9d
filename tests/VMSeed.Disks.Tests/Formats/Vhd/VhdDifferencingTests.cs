using System.Text.RegularExpressions;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>A child over a parent, sector by sector. QEMU takes it for a disk of its own, so 7-Zip
/// is the judge.</summary>
public sealed class VhdDifferencingTests : VhdContractTests
{
    private const string ParentName = "parent.vhd";

    // Whatever the length in question: a parent that is shorter than its child ends in zeros.
    protected override VirtualDiskCreateOptions Options { get; } = new()
    {
        Format = DiskFormat.Vhd,
        Length = 0,
        ParentName = ParentName,
    };

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(
            file,
            Options with { Length = length, Parent = new MemoryBlockDevice(length) },
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
        // Its identifier is what a child writes down of a parent that has none.
        string parent = Path.Join(Path.GetDirectoryName(path), ParentName);
        await using (await VirtualDisk.CreateFileAsync(
            parent,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vhd,
                Length = content.Length,
                NewGuid = () => Guid.Empty,
            },
            Token))
        {
        }

        await SevenZipAsync(path, content);
    }

    [Fact]
    public async Task A_chain_of_three_is_found_by_names_and_read_by_others()
    {
        using TempFolder folder = new();
        byte[] model = await MakeChainAsync(folder);

        await using (VirtualDisk top = await VirtualDisk.OpenFileAsync(
            folder["2.vhd"], cancellationToken: Token))
        {
            Assert.Equal(("differencing", @".\1.vhd"), (top.Info.Variant, top.Info.ParentName));
            await ContentAssert.HoldsAsync(top, model);
        }

        await SevenZipAsync(folder["2.vhd"], model);
        string info = await PeerProgram.OutputAsync("vhdiinfo", folder["2.vhd"]);
        Assert.Matches(new Regex(@"Disk type\s*:\s*Differential"), info);
        Assert.Matches(new Regex($@"Parent filename\s*:.*1\.vhd"), info);
    }

    [Fact]
    public async Task A_parent_that_was_made_anew_is_refused()
    {
        using TempFolder folder = new();
        await MakeChainAsync(folder);
        File.Delete(folder["1.vhd"]);
        await MakeAsync(folder, 1, new Random(5), new byte[Length], "0.vhd");

        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(folder["2.vhd"], cancellationToken: Token));

        Assert.Equal((DiskFault.WrongParent, @".\1.vhd"), (e.Fault, e.FileName));
    }

    [Fact]
    public async Task A_parent_of_another_folder_is_found_by_its_full_name_when_granted()
    {
        using TempFolder folder = new();
        using TempFolder elsewhere = new();
        byte[] model = new byte[Length];
        await MakeAsync(elsewhere, 0, new Random(6), model, null);
        await MakeAsync(folder, 1, new Random(7), model, elsewhere["0.vhd"]);

        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(folder["1.vhd"], cancellationToken: Token));
        Assert.Equal(DiskFault.NotGranted, e.Fault);

        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["1.vhd"],
            new VirtualDiskOptions { Files = new FolderFiles(folder.Root, elsewhere.Root) },
            Token);
        await ContentAssert.HoldsAsync(disk, model);
    }

    [Fact]
    public async Task A_child_that_is_written_leaves_its_parent_alone()
    {
        using TempFolder folder = new();
        byte[] model = await MakeChainAsync(folder);
        byte[] before = await File.ReadAllBytesAsync(folder["1.vhd"], Token);

        await using (VirtualDisk top = await VirtualDisk.OpenFileAsync(
            folder["2.vhd"], new VirtualDiskOptions { CanWrite = true }, Token))
        {
            new Random(9).NextBytes(model.AsSpan(700_001, 5000));
            await top.WriteAsync(700_001, model.AsMemory(700_001, 5000), Token);
            await ContentAssert.HoldsAsync(top, model);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder["1.vhd"], Token));
        await SevenZipAsync(folder["2.vhd"], model);
    }

    private async Task<byte[]> MakeChainAsync(TempFolder folder)
    {
        byte[] model = new byte[Length];
        Random random = new(4);
        await MakeAsync(folder, 0, random, model, null);
        await MakeAsync(folder, 1, random, model, "0.vhd");
        await MakeAsync(folder, 2, random, model, "1.vhd");
        return model;
    }

    private async Task MakeAsync(
        TempFolder folder, int number, Random random, byte[] model, string? parentName)
    {
        await using VirtualDisk? parent = parentName is null
            ? null
            : await VirtualDisk.OpenFileAsync(
                Path.Combine(folder.Root, parentName), cancellationToken: Token);
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder[$"{number}.vhd"],
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vhd,
                Length = Length,
                Parent = parent,
                ParentName = parentName,
            },
            Token);
        for (int i = 0; i < 20; i++)
        {
            int offset = random.Next(Length - 40_000);
            Memory<byte> range = model.AsMemory(offset, random.Next(40_000));
            random.NextBytes(range.Span);
            await disk.WriteAsync(offset, range, Token);
        }
    }

    private static async Task SevenZipAsync(string path, byte[] content)
    {
        string folder = Path.Join(Path.GetDirectoryName(path), "7z");
        await PeerProgram.OutputAsync("7zz", "x", "-y", "-tVHD", $"-o{folder}", path);
        string file = Assert.Single(Directory.GetFiles(folder));
        ContentAssert.Same(content, await File.ReadAllBytesAsync(file, Token));
        Directory.Delete(folder, recursive: true);
    }
}
