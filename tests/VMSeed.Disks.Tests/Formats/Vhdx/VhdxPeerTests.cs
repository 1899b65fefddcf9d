using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>QEMU and 7-Zip read what we write, and we read and write on what QEMU writes.</summary>
public sealed class VhdxPeerTests
{
    private const int Length = 20_000_256;

    // 7-Zip refuses an odd number of sectors, QEMU's images of such lengths too.
    private const int LengthForSevenZip = 20_000_768;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("subformat=dynamic")]
    [InlineData("subformat=dynamic,block_size=1M")]
    [InlineData("subformat=fixed,block_size=2M")]
    [InlineData("subformat=dynamic,block_size=256M,block_state_zero=off,log_size=3M")]
    public async Task What_qemu_writes_reads_the_same_and_can_be_written_on(string options)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 3);
        await File.WriteAllBytesAsync(folder["raw"], model, Token);
        await QemuImg.ConvertAsync(folder["raw"], "raw", folder["disk"], "vhdx", options);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["disk"], new VirtualDiskOptions { CanWrite = true }, Token))
        {
            // QEMU makes disks of whole MiB.
            Assert.Empty(disk.Info.Warnings);
            Array.Resize(ref model, (int)disk.Length);
            await ContentAssert.HoldsAsync(disk, model);
            Random random = new(4);
            for (int i = 0; i < 30; i++)
            {
                int offset = random.Next(model.Length - 70_000);
                random.NextBytes(model.AsSpan(offset, 70_000));
                await disk.WriteAsync(offset, model.AsMemory(offset, 70_000), Token);
            }
        }

        await QemuOracle.CheckAsync(folder["disk"], "vhdx", model);
        await QemuIo.RunAsync(
            folder["disk"],
            "vhdx",
            QemuIo.Write(5_000_000 / 512 * 512, 1 << 20, 0x5A),
            QemuIo.Zero(8 << 20, 2 << 20));
        model.AsSpan(5_000_000 / 512 * 512, 1 << 20).Fill(0x5A);
        model.AsSpan(8 << 20, 2 << 20).Clear();
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            folder["disk"], cancellationToken: Token);
        await ContentAssert.HoldsAsync(again, model);
        Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Fact]
    public async Task Qemu_replays_the_log_that_a_crash_of_ours_leaves()
    {
        using TempFolder folder = new();
        byte[] model = new byte[Length];
        await using VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["disk"], Options() with { BlockSize = 1 << 20 }, Token);
        Random random = new(5);
        for (int i = 0; i < 300; i++)
        {
            int offset = random.Next(Length - 9000);
            random.NextBytes(model.AsSpan(offset, 9000));
            await disk.WriteAsync(offset, model.AsMemory(offset, 9000), Token);
            if (i % 10 == 0)
            {
                int block = random.Next(19) << 20;
                model.AsSpan(block, 1 << 20).Clear();
                await disk.ZeroAsync(block, 1 << 20, Token);
            }

            await disk.FlushAsync(Token);
        }

        await CopyAsync(folder["disk"], folder["crashed"]);
        PeerResult plain = await PeerProgram.RunAsync("qemu-img", "info", folder["crashed"]);
        Assert.Contains("log", plain.Text, StringComparison.Ordinal);
        await PeerProgram.OutputAsync(
            "qemu-img", "check", "-r", "all", "-f", "vhdx", folder["crashed"]);
        await QemuOracle.CheckAsync(folder["crashed"], "vhdx", model);
    }

    [Theory]
    [InlineData("dynamic")]
    [InlineData("fixed")]
    public async Task Seven_zip_extracts_what_we_write(string variant)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(LengthForSevenZip, 6);
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder[""
            + "disk.vhdx"], Options() with { Variant = variant, Length = model.Length }, Token))
        {
            await disk.WriteAsync(0, model, Token);
        }

        await PeerProgram.OutputAsync(
            "7zz", "x", "-tvhdx", $"-o{folder["out"]}", folder["disk.vhdx"]);
        string extracted = Assert.Single(Directory.GetFiles(folder["out"]));
        ContentAssert.Same(model, await File.ReadAllBytesAsync(extracted, Token));
    }

    [Fact]
    public async Task Libvhdi_knows_a_child_and_its_parent()
    {
        using TempFolder folder = new();
        Guid content;
        await using (VirtualDisk parent = await VirtualDisk.CreateFileAsync(
            folder["base.vhdx"], Options(), Token))
        {
            content = parent.Ids.ContentId;
            await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
                folder["child.vhdx"],
                Options() with { Parent = parent, ParentName = "base.vhdx" },
                Token);
            await child.WriteAsync(0, new byte[] { 1 }, Token);
        }

        string info = await PeerProgram.OutputAsync("vhdiinfo", folder["child.vhdx"]);
        Assert.Contains("Differential", info, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(content.ToString(), info, StringComparison.OrdinalIgnoreCase);
    }

    private static VirtualDiskCreateOptions Options() => new()
    {
        Format = DiskFormat.Vhdx,
        Length = Length,
    };

    private static async Task CopyAsync(string source, string target)
    {
        await using FileStream from = new(
            source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await using FileStream to = new(target, FileMode.CreateNew);
        await from.CopyToAsync(to, Token);
    }
}
