using System.Text.Json;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Devices;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Parents;

/// <summary>A parent that has moved: the child notes where to, and nothing else changes.</summary>
public sealed class RenamedParentTests
{
    private const int Length = 2_000_384;

    // Longer than a sector can be shared with, and shorter than it was.
    private static readonly string s_deep = string.Join('/', Enumerable.Repeat("subfolder", 12));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<DiskFormat, string?> Formats => new()
    {
        { DiskFormat.Qcow2, "v3" },
        { DiskFormat.Qcow2, "v2" },
        { DiskFormat.Qcow2, "extended_l2" },
        { DiskFormat.Vmdk, "monolithicSparse" },
        { DiskFormat.Vmdk, "twoGbMaxExtentSparse" },
        { DiskFormat.Vhd, null },
        { DiskFormat.Vhdx, null },
        { DiskFormat.Vdi, null },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_child_reads_the_same_over_a_parent_that_moved_twice(
        DiskFormat format, string? variant)
    {
        using TempFolder folder = new();
        byte[] model = await MakeAsync(folder, format, variant);
        Directory.CreateDirectory(folder[s_deep]);
        foreach (string name in new[] { $"{s_deep}/elsewhere", "b" })
        {
            string from = Directory.GetFiles(folder.Root, "*.parent", SearchOption.AllDirectories)
                .Single();
            File.Move(from, folder[$"{name}.parent"]);
            await RenameAsync(folder, $"{name}.parent");
            await AssertReadsAsync(folder["child"], model);
            await AssertPeersAgreeAsync(folder["child"], format, $"{name}.parent", model);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task It_is_written_on_in_the_same_session_and_after(
        DiskFormat format, string? variant)
    {
        using TempFolder folder = new();
        byte[] model = await MakeAsync(folder, format, variant);
        await using (VirtualDisk child = await OpenAsync(folder["child"]))
        {
            await WriteAsync(child, model, 900_000);
            File.Move(folder["a.parent"], folder["b.parent"]);
            await child.RenameParentAsync("b.parent", cancellationToken: Token);
            Assert.Contains("b.parent", child.Info.ParentName, StringComparison.Ordinal);
            await WriteAsync(child, model, 1_200_000);
        }

        await using (VirtualDisk child = await OpenAsync(folder["child"]))
        {
            await WriteAsync(child, model, 1_500_000);
        }

        await AssertReadsAsync(folder["child"], model);
        await AssertPeersAgreeAsync(folder["child"], format, "b.parent", model);
    }

    [Theory]
    [InlineData(DiskFormat.Qcow2, "v3")]
    [InlineData(DiskFormat.Qcow2, "v2")]
    [InlineData(DiskFormat.Vmdk, "monolithicSparse")]
    [InlineData(DiskFormat.Vhd, null)]
    [InlineData(DiskFormat.Vhdx, null)]
    [InlineData(DiskFormat.Vdi, null)]
    public async Task A_loss_of_power_leaves_the_old_name_or_the_new_one(
        DiskFormat format, string? variant)
    {
        using TempFolder folder = new();
        byte[] model = await MakeAsync(folder, format, variant);
        await using FileBlockDevice parent = FileBlockDevice.Open(folder["a.raw"]);
        PowerCutDevice file = new(await File.ReadAllBytesAsync(folder["child"], Token));
        VirtualDiskOptions options = new() { Parent = parent, LeaveOpen = true };
        List<string?> names = [];
        await using (VirtualDisk child = await VirtualDisk.OpenAsync(
            file, options with { CanWrite = true }, Token))
        {
            names.Add(child.Info.ParentName);
            await child.RenameParentAsync($"{s_deep}/c.parent", cancellationToken: Token);
        }

        names.Add(await NameAsync(file, options));
        Assert.Equal(2, names.Distinct().Count());
        HashSet<string?> met = [];
        await foreach (PowerCut cut in file.CutsAsync(seed: 7, states: 60))
        {
            await using VirtualDisk child = await VirtualDisk.OpenAsync(
                cut.Device, options, Token);
            Assert.Contains(child.Info.ParentName, names);
            met.Add(child.Info.ParentName);
            await ContentAssert.HoldsAsync(child, model);
        }

        Assert.Equal(2, met.Count);
    }

    [Theory]
    [InlineData(DiskFormat.Qcow2)]
    [InlineData(DiskFormat.Vmdk)]
    [InlineData(DiskFormat.Vdi)]
    public async Task Without_a_parent_what_the_child_lacks_is_zeros(DiskFormat format)
    {
        using TempFolder folder = new();
        await MakeAsync(folder, format, null);
        byte[] expected = await OverZerosAsync(folder["child"]);
        File.Delete(folder["a.parent"]);
        await using (VirtualDisk child = await OpenAsync(folder["child"]))
        {
            await child.RenameParentAsync(null, cancellationToken: Token);
        }

        await AssertReadsAsync(folder["child"], expected);
        await QemuOracle.CheckAsync(folder["child"], QemuName(format), expected);
    }

    [Theory]
    [InlineData(DiskFormat.Vhd)]
    [InlineData(DiskFormat.Vhdx)]
    public async Task Sectors_of_a_parent_are_not_given_up(DiskFormat format)
    {
        using TempFolder folder = new();
        byte[] model = await MakeAsync(folder, format, null);
        await using (VirtualDisk child = await OpenAsync(folder["child"]))
        {
            DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
                async () => await child.RenameParentAsync(null, cancellationToken: Token));
            Assert.Equal(DiskFault.Unsupported, refusal.Fault);
        }

        await AssertReadsAsync(folder["child"], model);
    }

    [Theory]
    [InlineData("compat=0.10")]
    [InlineData("compat=1.1")]
    [InlineData("cluster_size=512")]
    [InlineData("cluster_size=1k")]
    public async Task Theirs_gains_a_parent_and_a_format(string options)
    {
        using TempFolder folder = new();
        string path = folder["child"];
        await QemuImg.CreateAsync(path, "qcow2", Length, options);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 65_536, 9));
        byte[] model = Pattern.Disk(Length, 3);
        folder.Write("base.raw", model);
        model.AsSpan(0, 65_536).Fill(9);
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["base.raw"], cancellationToken: Token))
        {
            await using VirtualDisk child = await OpenAsync(path);
            await child.RenameParentAsync("base.raw", parent, Token);
        }

        JsonElement info = await QemuImg.InfoAsync(path, "qcow2");
        Assert.Equal("base.raw", info.GetProperty("backing-filename").GetString());
        Assert.Equal("raw", info.GetProperty("backing-filename-format").GetString());
        await QemuOracle.CheckAsync(path, "qcow2", model);
        await AssertReadsAsync(path, model);
    }

    [Fact]
    public async Task A_name_that_has_no_room_is_refused_and_nothing_changes()
    {
        using TempFolder folder = new();
        byte[] model = await MakeAsync(folder, DiskFormat.Qcow2, null);
        byte[] before = await File.ReadAllBytesAsync(folder["child"], Token);
        await using (VirtualDisk child = await OpenAsync(folder["child"]))
        {
            DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
                async () => await child.RenameParentAsync(
                    new string('x', 1024), cancellationToken: Token));
            Assert.Contains("1023", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder["child"], Token));
        await AssertReadsAsync(folder["child"], model);
    }

    // A parent of the format ("a.parent", and raw "a.raw"), a child with some of its own.
    private static async Task<byte[]> MakeAsync(
        TempFolder folder, DiskFormat format, string? variant)
    {
        byte[] model = Pattern.Disk(Length, 5);
        folder.Write("a.raw", model);
        await using FileBlockDevice raw = FileBlockDevice.Open(folder["a.raw"]);
        await DiskConverter.ConvertFileAsync(
            raw,
            folder["a.parent"],
            new VirtualDiskCreateOptions { Format = format, Length = Length },
            cancellationToken: Token);
        await using VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["a.parent"], cancellationToken: Token);
        await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
            folder["child"],
            new VirtualDiskCreateOptions
            {
                Format = format,
                Variant = variant,
                Length = Length,
                Parent = parent,
                ParentName = "a.parent",
            },
            Token);
        await WriteAsync(child, model, 100_000);
        return model;
    }

    private static async Task WriteAsync(VirtualDisk child, byte[] model, int offset)
    {
        model.AsSpan(offset, 100_000).Fill((byte)(offset / 100_000));
        await child.WriteAsync(offset, model.AsMemory(offset, 100_000), Token);
    }

    private static ValueTask<VirtualDisk> OpenAsync(string path) => VirtualDisk.OpenFileAsync(
        path,
        new VirtualDiskOptions
        {
            CanWrite = true,
            Parent = File.Exists(Path.Join(Path.GetDirectoryName(path), "a.parent"))
                ? null
                : new MemoryBlockDevice(0),
        },
        Token);

    private static async Task RenameAsync(TempFolder folder, string name)
    {
        await using VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder[name], cancellationToken: Token);
        await using VirtualDisk child = await OpenAsync(folder["child"]);
        await child.RenameParentAsync(name, parent, Token);
    }

    private static async Task<string?> NameAsync(
        PowerCutDevice file, VirtualDiskOptions options)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(file, options, Token);
        return disk.Info.ParentName;
    }

    private static async Task AssertReadsAsync(string path, byte[] model)
    {
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        await ContentAssert.HoldsAsync(disk, model);
        CheckReport report = await disk.CheckAsync(cancellationToken: Token);
        Assert.True(report.IsClean, string.Join(' ', report.Errors.Concat(report.Leaks)));
    }

    private static async Task<byte[]> OverZerosAsync(string path)
    {
        await using MemoryBlockDevice zeros = new(0);
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            path, new VirtualDiskOptions { Parent = zeros }, Token);
        return await ContentAssert.ReadAsync(disk);
    }

    // QEMU knows no parents of VDI, VHD and VHDX.
    private static async Task AssertPeersAgreeAsync(
        string path, DiskFormat format, string name, byte[] model)
    {
        string last = Path.GetFileName(name);
        switch (format)
        {
            case DiskFormat.Qcow2 or DiskFormat.Vmdk:
                JsonElement info = await QemuImg.InfoAsync(path, QemuName(format));
                Assert.Equal(name, info.GetProperty("backing-filename").GetString());
                await QemuOracle.CheckAsync(path, QemuName(format), model);
                break;
            case DiskFormat.Vhd or DiskFormat.Vhdx:
                // libvhdi reads a VHDX's full paths only, and says that it is well otherwise.
                string told = await PeerProgram.OutputAsync("vhdiinfo", path);
                Assert.Contains(
                    format == DiskFormat.Vhd ? last : "Differential",
                    told,
                    StringComparison.Ordinal);
                if (format == DiskFormat.Vhd && name == last)
                {
                    await SevenZipAsync(path, model);
                }

                break;
            default:
                break;
        }
    }

    // Finds parents beside an image.
    private static async Task SevenZipAsync(string path, byte[] model)
    {
        string output = path + ".7z";
        await PeerProgram.OutputAsync("7zz", "x", "-y", "-tVHD", $"-o{output}", path);
        ContentAssert.Same(
            model, await File.ReadAllBytesAsync(Directory.GetFiles(output).Single(), Token));
    }

    private static string QemuName(DiskFormat format) => format.ToString().ToLowerInvariant();
}
