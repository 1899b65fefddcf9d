using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>A VMDK over another, or over anything else.</summary>
public sealed class VmdkParentTests
{
    private const int Length = (3 << 20) + (37 * 512);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("twoGbMaxExtentSparse")]
    public async Task A_child_of_ours_is_right_to_qemu_and_the_other_way_round(string variant)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 7);
        await MakeParentAsync(folder, model);
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["parent.vmdk"], cancellationToken: Token))
        {
            await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
                folder["child.vmdk"],
                new VirtualDiskCreateOptions
                {
                    Format = DiskFormat.Vmdk,
                    Length = Length,
                    Variant = variant,
                    Parent = parent,
                    ParentName = "parent.vmdk",
                },
                Token);
            await ContentAssert.HoldsAsync(child, model);
            Write(model, 70_000, 5);
            await child.WriteAsync(70_000, model.AsMemory(70_000, 5), Token);
            model.AsSpan(1 << 20, 200_000).Clear();
            await child.ZeroAsync(1 << 20, 200_000, Token);
        }

        await QemuOracle.CheckAsync(folder["child.vmdk"], "vmdk", model);
        string info = await PeerProgram.OutputAsync("vmdkinfo", folder["child.vmdk"]);
        Assert.Contains("parent.vmdk", info, StringComparison.Ordinal);
        await QemuIo.RunAsync(folder["child.vmdk"], "vmdk", QemuIo.Write(2 << 20, 100, 0x42));
        model.AsSpan(2 << 20, 100).Fill(0x42);
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            folder["child.vmdk"], new VirtualDiskOptions { CanWrite = true }, Token);
        Assert.Equal("parent.vmdk", again.Info.ParentName);
        await ContentAssert.HoldsAsync(again, model);
    }

    [Fact]
    public async Task Zeros_over_a_parent_are_entries_and_take_no_space()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 6);
        await MakeParentAsync(folder, model);
        string path = folder["child.vmdk"];
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["parent.vmdk"], cancellationToken: Token))
        {
            await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
                path,
                new VirtualDiskCreateOptions
                {
                    Format = DiskFormat.Vmdk,
                    Length = Length,
                    Parent = parent,
                    ParentName = "parent.vmdk",
                },
                Token);
            long before = new FileInfo(path).Length;
            model.AsSpan(1 << 20).Clear();
            await child.WriteAsync(2 << 20, new byte[] { 1 }, Token);
            await child.TrimAsync(1 << 20, Length - (1 << 20), Token);
            await child.FlushAsync(Token);
            await ContentAssert.HoldsAsync(child, model);
            await child.DisposeAsync();
            Assert.Equal(before, new FileInfo(path).Length);
        }

        await QemuOracle.CheckAsync(path, "vmdk", model);
        await QemuIo.RunAsync(path, "vmdk", QemuIo.Write(1_200_000, 5000, 7));
        model.AsSpan(1_200_000, 5000).Fill(7);
        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        await ContentAssert.HoldsAsync(again, model);
    }

    [Theory]
    [InlineData("monolithicSparse")]
    [InlineData("monolithicSparse,zeroed_grain=on")]
    public async Task A_child_of_qemu_is_read_and_written(string variant)
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Disk(Length, 8);
        await MakeParentAsync(folder, model);
        await QemuImg.CreateAsync(
            folder["child.vmdk"],
            "vmdk",
            null,
            "subformat=" + variant,
            folder["parent.vmdk"],
            "vmdk");
        await QemuIo.RunAsync(folder["child.vmdk"], "vmdk", QemuIo.Write(512, 3000, 0x13));
        model.AsSpan(512, 3000).Fill(0x13);
        await using (VirtualDisk child = await VirtualDisk.OpenFileAsync(
            folder["child.vmdk"], new VirtualDiskOptions { CanWrite = true }, Token))
        {
            await ContentAssert.HoldsAsync(child, model);
            Write(model, 300_000, 100_000);
            await child.WriteAsync(300_000, model.AsMemory(300_000, 100_000), Token);
            model.AsSpan(1 << 20, 1 << 20).Clear();
            await child.ZeroAsync(1 << 20, 1 << 20, Token);
            await ContentAssert.HoldsAsync(child, model);
        }

        await QemuOracle.CheckAsync(folder["child.vmdk"], "vmdk", model);
    }

    [Fact]
    public async Task A_parent_that_was_written_since_is_refused()
    {
        using TempFolder folder = new();
        await MakeParentAsync(folder, new byte[Length]);
        await QemuImg.CreateAsync(
            folder["child.vmdk"], "vmdk", null, backing: folder["parent.vmdk"],
            backingFormat: "vmdk");
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["parent.vmdk"], new VirtualDiskOptions { CanWrite = true }, Token))
        {
            await parent.WriteAsync(5, new byte[] { 1 }, Token);
        }

        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(
                folder["child.vmdk"], cancellationToken: Token));
        Assert.Equal(DiskFault.WrongParent, refusal.Fault);
    }

    [Fact]
    public async Task Anything_can_be_a_parent()
    {
        byte[] model = Pattern.Disk(Length, 9);
        await using MemoryBlockDevice parent = new([.. model]);
        await using MemoryBlockDevice file = new([]);
        await using (VirtualDisk child = await VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vmdk,
                Length = Length,
                Parent = parent,
            },
            Token))
        {
            Write(model, 100, 1000);
            await child.WriteAsync(100, model.AsMemory(100, 1000), Token);
            await ContentAssert.HoldsAsync(child, model);
        }
    }

    private static void Write(byte[] model, int offset, int length) =>
        new Random(offset).NextBytes(model.AsSpan(offset, length));

    private static async Task MakeParentAsync(TempFolder folder, byte[] model)
    {
        await File.WriteAllBytesAsync(folder["parent.raw"], model, Token);
        await QemuImg.ConvertAsync(
            folder["parent.raw"], "raw", folder["parent.vmdk"], "vmdk");
    }
}
