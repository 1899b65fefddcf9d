using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2;

/// <summary>Images over others.</summary>
public sealed class Qcow2ParentTests
{
    private const int Length = 3_000_320;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("compat=0.10")]
    [InlineData("compat=1.1")]
    [InlineData("extended_l2=on")]
    public async Task A_chain_of_three_reads_as_qemu_reads_it(string options)
    {
        using TempFolder folder = new();
        await MakeChainAsync(folder, options);
        await QemuImg.ConvertAsync(folder["top"], "qcow2", folder["expected"], "raw");
        await using VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["top"], cancellationToken: Token);
        Assert.Equal("middle", disk.Info.ParentName);
        await ContentAssert.HoldsAsync(
            disk, await File.ReadAllBytesAsync(folder["expected"], Token));
    }

    [Fact]
    public async Task A_parent_of_an_unnamed_format_is_opened_by_its_mark_and_never_as_raw()
    {
        using TempFolder folder = new();
        await MakeChainAsync(folder, "compat=1.1");
        await UnnameFormatAsync(folder["top"]);
        await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            folder["top"], cancellationToken: Token))
        {
            Assert.Equal(Length + 512, disk.Length);
        }

        await UnnameFormatAsync(folder["middle"]);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(
                folder["middle"], cancellationToken: Token));
        Assert.Equal(DiskFault.Unsupported, refusal.Fault);
        Assert.Equal("base", refusal.FileName);
    }

    [Fact]
    public async Task A_parent_that_is_missing_is_named()
    {
        using TempFolder folder = new();
        await MakeChainAsync(folder, "compat=1.1");
        File.Delete(folder["base"]);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(folder["top"], cancellationToken: Token));
        Assert.Equal(DiskFault.MissingFile, refusal.Fault);
        Assert.Equal("base", refusal.FileName);
    }

    // Base (raw) < middle < top, which is a little longer than what lies below.
    private static async Task MakeChainAsync(TempFolder folder, string options)
    {
        folder.Write("base", Pattern.Disk(Length, 5));
        await QemuImg.CreateAsync(
            folder["middle"], "qcow2", Length, options, "base", "raw");
        await QemuIo.RunAsync(
            folder["middle"],
            "qcow2",
            [QemuIo.Write(100_000, 5000, 1), QemuIo.Zero(400_000, 300_000)]);
        await QemuImg.CreateAsync(
            folder["top"], "qcow2", Length + 512, options, "middle", "qcow2");
        await QemuIo.RunAsync(
            folder["top"],
            "qcow2",
            [QemuIo.Write(102_000, 1000, 2), QemuIo.Write(2_900_000, 9, 3)]);
    }

    // Turns the extension that names the format into one that nobody knows.
    private static async Task UnnameFormatAsync(string path)
    {
        byte[] image = await File.ReadAllBytesAsync(path, Token);
        int at = image.AsSpan().IndexOf<byte>([0xE2, 0x79, 0x2A, 0xCA]);
        image[at] = 0x11;
        await File.WriteAllBytesAsync(path, image, Token);
    }
}
