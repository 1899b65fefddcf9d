using System.Text.Json;
using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Servers;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Images;

public sealed class ConvertVerbTests
{
    private const int Length = (5 << 20) + 512;

    [Theory]
    [InlineData("qcow2", "a.qcow2")]
    [InlineData("vmdk", "a.vmdk")]
    [InlineData("vdi", "a.vdi")]
    public async Task What_qemu_made_becomes_a_vdi_and_goes_through_a_pipe(
        string format, string name)
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(Length, 1);
        string raw = folder.Write("a.raw", disk);
        string image = folder[name];
        await QemuImg.ConvertAsync(raw, "raw", image, format);
        Outcome piped = await Vmseed.RunAsync("convert", image, "-", "--format", "raw");
        Assert.Equal(disk, piped.MustExit(0).Bytes[..Length]);
        JsonElement told = (await Vmseed.RunAsync(
            "convert", image, folder["out.vdi"], "--json")).Json();
        Assert.Equal("vdi", told.GetProperty("format").GetString());
        await QemuImg.AssertCleanAsync(folder["out.vdi"], "vdi");
        Assert.True(await QemuImg.CompareAsync(folder["out.vdi"], "vdi", raw, "raw"));
    }

    [Fact]
    public async Task An_image_can_be_replaced_by_its_own_conversion()
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(Length, 2);
        string path = folder.Write("disk.vdi", disk);
        string[] line = ["convert", path, path, "--input-format", "raw"];
        (await Vmseed.RunAsync(line)).MustFail(1, "--force");
        (await Vmseed.RunAsync([.. line, "--force"])).MustExit(0);
        await QemuImg.AssertCleanAsync(path, "vdi");
        Outcome read = await Vmseed.RunAsync("read", path);
        Assert.Equal(disk, read.MustExit(0).Bytes[..Length]);
        Assert.Equal([path], Directory.GetFiles(folder.Root));
    }

    [Fact]
    public async Task After_a_failure_the_old_file_is_back()
    {
        using TempFolder folder = new();
        string image = folder.Write("disk.raw", new byte[10_000]);
        string old = folder.Write("old.vdi", [1, 2, 3]);
        (await Vmseed.RunAsync("convert", image, old, "--force", "--compress"))
            .MustFail(1, "no compressed");
        Assert.Equal(
            [1, 2, 3],
            await File.ReadAllBytesAsync(old, TestContext.Current.CancellationToken));
        (await Vmseed.RunAsync("convert", image, folder["disk.what"])).MustFail(2, "--format");
        (await Vmseed.RunAsync("convert", image, "-", "--format", "vdi"))
            .MustFail(1, "forwards only");
    }

    [Fact]
    public async Task The_address_of_any_format_is_an_image()
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(Length, 3);
        string raw = folder.Write("www/a.raw", disk);
        await QemuImg.ConvertAsync(raw, "raw", folder["www/a.qcow2"], "qcow2");
        await QemuImg.CreateAsync(
            folder["www/child.qcow2"], "qcow2", null, backing: "a.qcow2", backingFormat: "qcow2");
        await using NginxServer nginx = await NginxServer.StartAsync(folder["www"]);
        string[] apart = ["--cache", folder["cache"]];
        foreach (string name in new[] { "a.raw", "a.qcow2", "child.qcow2" })
        {
            Outcome read = await Vmseed.RunAsync(
                ["read", $"{nginx.Root}{name}", "--offset", "1M", .. apart]);
            Assert.Equal(disk[(1 << 20)..], read.MustExit(0).Bytes);
            JsonElement info = (await Vmseed.RunAsync(
                ["disk", "info", $"{nginx.Root}{name}", "--json", .. apart])).Json();
            Assert.Equal(Length, info.GetProperty("length").GetInt64());
        }

        (await Vmseed.RunAsync(
            ["convert", $"{nginx.Root}child.qcow2", folder["local.vdi"], .. apart])).MustExit(0);
        Assert.True(await QemuImg.CompareAsync(folder["local.vdi"], "vdi", raw, "raw"));
        (await Vmseed.RunAsync(["read", $"{nginx.Root}none.qcow2", .. apart]))
            .MustFail(4, "missing: ");
    }

    [Fact]
    public async Task Packing_takes_every_format_and_heads_are_known_by_content()
    {
        using Workshop shop = await Workshop.PublishAsync();
        await QemuImg.ConvertAsync(shop.Disk, "raw", shop["other.qcow2"], "qcow2");
        (await Vmseed.RunAsync(
            "pack", shop["other.qcow2"], "--repo", shop.Repository, "--key", shop.Key))
            .MustExit(0);
        string head = Path.Join(shop.Repository, "images/other.vmseed");
        Outcome read = await shop.ReadAsync("read", $"{head}#{shop.PublicKey}");
        byte[] disk = await File.ReadAllBytesAsync(
            shop.Disk, TestContext.Current.CancellationToken);
        Assert.Equal(disk, read.MustExit(0).Bytes[..disk.Length]);
        (await shop.ReadAsync("read", head)).MustFail(3, "--public-key");
        Outcome asBytes = await shop.ReadAsync("read", head, "--input-format", "raw");
        Assert.Equal((byte)'{', asBytes.MustExit(0).Bytes[0]);
        JsonElement info = (await shop.ReadAsync(
            "convert", $"{head}#{shop.PublicKey}", shop["back.vdi"], "--json")).Json();
        Assert.Equal("vdi", info.GetProperty("format").GetString());
        Assert.True(await QemuImg.CompareAsync(shop["back.vdi"], "vdi", shop.Disk, "raw"));
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("vmdk")]
    public async Task Compressed_images_are_smaller_and_read_the_same(string format)
    {
        using TempFolder folder = new();
        string raw = folder.Write("a.raw", Pattern.Text(Length, 4));
        string image = folder[$"a.{format}"];
        (await Vmseed.RunAsync("convert", raw, image, "--compress")).MustExit(0);
        Assert.True(new FileInfo(image).Length < Length * 3L / 4);
        await QemuImg.AssertCleanAsync(image, format);
        Assert.True(await QemuImg.CompareAsync(image, format, raw, "raw"));
    }

    [Fact]
    public async Task A_pipe_takes_a_stream_optimized_vmdk_and_a_sparse_tar()
    {
        using TempFolder folder = new();
        byte[] disk = Pattern.Disk(Length, 5);
        string raw = folder.Write("a.raw", disk);
        Outcome vmdk = await Vmseed.RunAsync(
            "convert", raw, "-", "--format", "vmdk", "--variant", "streamOptimized");
        string image = folder.Write("a.vmdk", vmdk.MustExit(0).Bytes);
        Assert.True(await QemuImg.CompareAsync(image, "vmdk", raw, "raw"));
        Outcome tar = await Vmseed.RunAsync("convert", raw, "-", "--tar", "disk.raw");
        string archive = folder.Write("a.tar", tar.MustExit(0).Bytes);
        Assert.Equal(disk, (await Vmseed.RunAsync("read", archive)).MustExit(0).Bytes);
        Directory.CreateDirectory(folder["out"]);
        await PeerProgram.OutputAsync("tar", "-C", folder["out"], "-xSf", archive);
        Assert.Equal(
            disk,
            await File.ReadAllBytesAsync(
                folder["out/disk.raw"], TestContext.Current.CancellationToken));
    }
}
