using System.Text.Json;
using VMSeed.Disks;
using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Images;

public sealed class DiskVerbTests
{
    [Fact]
    public async Task An_image_is_made_looked_at_and_checked()
    {
        using TempFolder folder = new();
        string path = folder["new.vdi"];
        JsonElement made = (await Vmseed.RunAsync(
            "disk", "create", path, "--size", "7M", "--json")).Json();
        Assert.Equal(7 << 20, made.GetProperty("length").GetInt64());
        await QemuIo.RunAsync(path, "vdi", QemuIo.Write(3 << 20, 4096, 7));
        JsonElement info = (await Vmseed.RunAsync("disk", "info", path, "--json")).Json();
        Assert.Equal("vdi", info.GetProperty("format").GetString());
        Assert.Equal(1 << 20, info.GetProperty("blockSize").GetInt32());
        JsonElement[] map =
            [.. (await Vmseed.RunAsync("disk", "map", path, "--json")).Json().EnumerateArray()];
        Assert.Contains(map, extent => extent.GetProperty("kind").GetString() == "data"
            && extent.GetProperty("offset").GetInt64() == 3 << 20);
        Assert.Equal(7 << 20, map.Sum(extent => extent.GetProperty("length").GetInt64()));
        (await Vmseed.RunAsync("disk", "create", path, "--size", "7M")).MustFail(1, "--force");
        (await Vmseed.RunAsync("disk", "create", folder["x.vdi"])).MustFail(2, "--size");
        (await Vmseed.RunAsync("disk", "info", folder["none.vdi"])).MustFail(4, "none.vdi");
    }

    [Fact]
    public async Task A_raw_disk_grows_and_shrinks_only_when_told_so()
    {
        using TempFolder folder = new();
        string path = folder.Write("disk.raw", new byte[4096]);
        (await Vmseed.RunAsync("disk", "resize", path, "1M")).MustExit(0);
        Assert.Equal(1 << 20, new FileInfo(path).Length);
        (await Vmseed.RunAsync("disk", "resize", path, "512")).MustFail(1, "--shrink");
        JsonElement told = (await Vmseed.RunAsync(
            "disk", "resize", path, "512", "--shrink", "--json")).Json();
        Assert.Equal(1 << 20, told.GetProperty("lengthBefore").GetInt64());
        Assert.Equal(512, new FileInfo(path).Length);
        (await Vmseed.RunAsync("disk", "resize", path, "12parsecs")).MustExit(2);
    }

    [Fact]
    public async Task A_vhd_has_the_size_that_the_option_names()
    {
        const int Size = 7 << 20;
        const int Geometry = 210 * 4 * 17 * 512; // Of 7 MiB, by the format's specification.
        using TempFolder folder = new();
        string path = folder["disk.vhd"];
        VirtualDiskCreateOptions windows = new()
        {
            Format = DiskFormat.Vhd,
            Length = Size,
            CreatorApplication = "win ",
        };
        await (await VirtualDisk.CreateFileAsync(
            path, windows, TestContext.Current.CancellationToken)).DisposeAsync();
        Assert.Equal(Size, await LengthAsync());
        Assert.Equal(Size, await LengthAsync("--vhd-size", "by-creator"));
        Assert.Equal(Size, await LengthAsync("--vhd-size", "bytes"));
        Assert.Equal(Geometry, await LengthAsync("--vhd-size", "geometry"));
        Outcome read = await Vmseed.RunAsync("read", path, "--vhd-size", "geometry");
        Assert.Equal(Geometry, read.MustExit(0).Bytes.Length);
        JsonElement grown = (await Vmseed.RunAsync(
            "disk", "resize", path, "8M", "--vhd-size", "geometry", "--json")).Json();
        Assert.Equal(Geometry, grown.GetProperty("lengthBefore").GetInt64());
        (await Vmseed.RunAsync("read", path, "--vhd-size", "large")).MustExit(2);

        async Task<long> LengthAsync(params string[] options) =>
            (await Vmseed.RunAsync(["disk", "info", path, "--json", .. options]))
            .Json().GetProperty("length").GetInt64();
    }

    [Fact]
    public async Task A_parent_elsewhere_is_read_only_where_its_folder_is_granted()
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(1 << 20, 5);
        folder.Write("base/a.raw", disk);
        Directory.CreateDirectory(folder["child"]);
        string child = folder["child/c.qcow2"];
        await QemuImg.CreateAsync(
            child, "qcow2", null, backing: "../base/a.raw", backingFormat: "raw");
        (await Vmseed.RunAsync("read", child)).MustFail(3, "--allow-files");
        Outcome read = await Vmseed.RunAsync("read", child, "--allow-files", folder["base"]);
        Assert.Equal(disk, read.MustExit(0).Bytes);
        JsonElement info = (await Vmseed.RunAsync("disk", "info", child, "--json")).Json();
        Assert.Equal("../base/a.raw", info.GetProperty("parentName").GetString());
        JsonElement own =
            (await Vmseed.RunAsync(
                "disk", "map", child, "--own", "--json", "--allow-files", folder["base"])).Json();
        Assert.Empty(own.EnumerateArray());
    }

    [Fact]
    public async Task What_a_child_holds_is_committed_to_its_parent()
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(1 << 20, 6);
        string parent = folder.Write("a.raw", disk);
        string child = folder["c.qcow2"];
        await QemuImg.CreateAsync(child, "qcow2", 2 << 20, backing: "a.raw", backingFormat: "raw");
        await QemuIo.RunAsync(
            child, "qcow2", QemuIo.Write(100_000, 70_000, 9), QemuIo.Zero(600_000, 200_000));
        byte[] expected = (await Vmseed.RunAsync("read", child)).MustExit(0).Bytes;
        Assert.Equal(9, expected[100_000]);
        (await Vmseed.RunAsync("disk", "commit", child, "--keep")).MustExit(0);
        Assert.Equal(
            expected, await File.ReadAllBytesAsync(parent, TestContext.Current.CancellationToken));
        (await Vmseed.RunAsync("disk", "commit", parent)).MustFail(2, "no parent");
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("vmdk")]
    [InlineData("vdi")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    public async Task A_parent_that_has_moved_is_noted_in_place(string format)
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(2 << 20, 8);
        string parent = folder[$"old.{format}"];
        string child = folder[$"child.{format}"];
        (await Vmseed.RunAsync("convert", folder.Write("disk.raw", disk), parent)).MustExit(0);
        disk[70_000] ^= 1;
        (await Vmseed.RunAsync(
            "convert", folder.Write("new.raw", disk), child, "--parent", parent)).MustExit(0);
        string moved = folder[$"moved.{format}"];
        File.Move(parent, moved);
        (await Vmseed.RunAsync("disk", "rebase", child, "--parent", moved, "--unsafe"))
            .MustExit(0);
        await AssertReadsAsync(disk, child);
        (await Vmseed.RunAsync("disk", "check", child, "--quiet")).MustExit(0);
    }

    [Fact]
    public async Task A_parallels_bundle_is_made_looked_at_and_checked()
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(3 << 20, 9);
        string bundle = folder["disk.hdd"];
        (await Vmseed.RunAsync(
            "convert", folder.Write("disk.raw", disk), bundle, "--variant", "bundle"))
            .MustExit(0);
        JsonElement info = (await Vmseed.RunAsync("disk", "info", bundle, "--json")).Json();
        Assert.Equal("parallels", info.GetProperty("format").GetString());
        Assert.Equal(3 << 20, info.GetProperty("length").GetInt64());
        JsonElement map = (await Vmseed.RunAsync("disk", "map", bundle, "--json")).Json();
        Assert.Equal(
            3 << 20,
            map.EnumerateArray().Sum(extent => extent.GetProperty("length").GetInt64()));
        (await Vmseed.RunAsync("disk", "check", bundle)).MustExit(0);
        await AssertReadsAsync(disk, bundle);
        string part = Assert.Single(Directory.GetFiles(bundle, "*.hds"));
        await QemuImg.ConvertAsync(part, "parallels", folder["theirs"], "raw");
        byte[] theirs = await File.ReadAllBytesAsync(
            folder["theirs"], TestContext.Current.CancellationToken);
        Assert.Equal(disk, theirs);
    }

    [Fact]
    public async Task Snapshots_are_listed_and_read_by_every_verb()
    {
        using TempFolder folder = new();
        string path = folder["disk.qcow2"];
        await QemuImg.CreateAsync(path, "qcow2", 1 << 20);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 65_536, 1));
        await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "first", path);
        await QemuIo.RunAsync(path, "qcow2", QemuIo.Write(0, 200_000, 2));
        JsonElement info = (await Vmseed.RunAsync("disk", "info", path, "--json")).Json();
        JsonElement listed = Assert.Single(info.GetProperty("snapshots").EnumerateArray());
        Assert.Equal("first", listed.GetProperty("name").GetString());
        Assert.Contains("first", (await Vmseed.RunAsync("disk", "info", path)).MustExit(0).Text);

        byte[] expected = new byte[1 << 20];
        expected.AsSpan(0, 65_536).Fill(1);
        string copy = folder["copy.vdi"];
        (await Vmseed.RunAsync("convert", path, copy, "--snapshot", "first")).MustExit(0);
        await AssertReadsAsync(expected, copy);
        Assert.Equal(
            expected, (await Vmseed.RunAsync("read", path, "--snapshot", "1")).MustExit(0).Bytes);
        JsonElement map = (await Vmseed.RunAsync(
            "disk", "map", path, "--snapshot", "first", "--json")).Json();
        Assert.Equal(65_536, map[0].GetProperty("length").GetInt64());
        (await Vmseed.RunAsync("disk", "check", path, "--snapshot", "first")).MustExit(0);
        (await Vmseed.RunAsync("read", path, "--snapshot", "x")).MustFail(4, "'first' (ID 1)");
        (await Vmseed.RunAsync("read", copy, "--snapshot", "x")).MustFail(1, "no snapshots");
        (await Vmseed.RunAsync("disk", "check", path, "--repair", "--snapshot", "first"))
            .MustFail(2, "only read");
    }

    [Theory]
    [InlineData("qcow2", 65536)]
    [InlineData("vmdk", 65536)]
    [InlineData("vdi", 1 << 20)]
    [InlineData("vhd", 4096)]
    [InlineData("vhdx", 4096)]
    public async Task A_child_is_made_committed_emptied_and_put_over_another(
        string format, int unit)
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(5 << 20, 7);
        string raw = folder.Write("old.raw", disk);
        string parent = folder[$"parent.{format}"];
        string child = folder[$"child.{format}"];
        (await Vmseed.RunAsync("convert", raw, parent)).MustExit(0);
        disk[1_000_000] ^= 1;
        string changed = folder.Write("new.raw", disk);
        (await Vmseed.RunAsync("convert", changed, child, "--parent", parent)).MustExit(0);
        Assert.Equal(unit, await OwnBytesAsync(child));
        await AssertReadsAsync(disk, child);

        (await Vmseed.RunAsync("disk", "commit", child)).MustExit(0);
        await AssertReadsAsync(disk, parent);
        await AssertReadsAsync(disk, child);
        Assert.Equal(0, await OwnBytesAsync(child));

        (await Vmseed.RunAsync("disk", "rebase", child, "--parent", raw)).MustExit(0);
        await AssertReadsAsync(disk, child);
        Assert.Equal(unit, await OwnBytesAsync(child));
        File.Delete(parent);
        (await Vmseed.RunAsync("disk", "check", child, "--quiet")).MustExit(0);
        (await Vmseed.RunAsync("disk", "rebase", child, "--parent", "")).MustExit(0);
        File.Delete(raw);
        await AssertReadsAsync(disk, child);
        Assert.DoesNotContain(Directory.GetFiles(folder.Root), file => file.EndsWith("replaced"));
    }

    private static async Task AssertReadsAsync(byte[] disk, string image) =>
        Assert.Equal(disk, (await Vmseed.RunAsync("read", image)).MustExit(0).Bytes);

    private static async Task<long> OwnBytesAsync(string image) =>
        (await Vmseed.RunAsync("disk", "map", image, "--own", "--json")).Json().EnumerateArray()
            .Sum(extent => extent.GetProperty("length").GetInt64());
}
