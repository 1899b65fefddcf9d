using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>A child over a parent. No other program here opens one: the check and a second opening
/// judge.</summary>
public sealed class VdiDifferencingTests : VdiContractTests
{
    private static readonly VirtualDiskOptions s_writable = new() { CanWrite = true };

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(
            file,
            Options with { Length = length, Parent = new MemoryBlockDevice(length) },
            Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file,
            new VirtualDiskOptions { CanWrite = writable, Parent = new MemoryBlockDevice(Length) },
            Token);

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        await using FileBlockDevice file = FileBlockDevice.Open(path);
        await using var disk = (VirtualDisk)await OpenAsync(file, false);
        await ContentAssert.HoldsAsync(disk, content);
        Assert.True((await disk.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Fact]
    public async Task A_chain_is_found_by_names_and_zeros_hide_the_parent()
    {
        using TempFolder folder = new();
        byte[] model = await MakeChainAsync(folder);
        await using (VirtualDisk top = await VirtualDisk.OpenFileAsync(
            folder["1.vdi"], s_writable, Token))
        {
            Assert.Equal(("differencing", "0.vdi"), (top.Info.Variant, top.Info.ParentName));
            await ContentAssert.HoldsAsync(top, model);
            long before = new FileInfo(folder["1.vdi"]).Length;
            model.AsSpan(2 << 20, 1 << 20).Clear();
            await top.ZeroAsync(2 << 20, 1 << 20, Token);
            await top.FlushAsync(Token);
            Assert.Equal(before, new FileInfo(folder["1.vdi"]).Length);
        }

        await using VirtualDisk again = await VirtualDisk.OpenFileAsync(
            folder["1.vdi"], cancellationToken: Token);
        await ContentAssert.HoldsAsync(again, model);
    }

    [Fact]
    public async Task A_parent_that_has_been_written_since_is_refused()
    {
        using TempFolder folder = new();
        await MakeChainAsync(folder);
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["0.vdi"], s_writable, Token))
        {
            await parent.WriteAsync(0, new byte[] { 1 }, Token);
        }

        DiskFormatException e = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(folder["1.vdi"], cancellationToken: Token));
        Assert.Equal((DiskFault.WrongParent, "0.vdi"), (e.Fault, e.FileName));
    }

    private async Task<byte[]> MakeChainAsync(TempFolder folder)
    {
        byte[] model = Pattern.Random(Length, 4);
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder["0.vdi"], Options with { Length = Length }, Token))
        {
            await disk.WriteAsync(0, model, Token);
        }

        await using VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["0.vdi"], cancellationToken: Token);
        await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
            folder["1.vdi"],
            Options with { Length = Length, Parent = parent, ParentName = "0.vdi" },
            Token);
        Pattern.Random(70_000, 5).CopyTo(model, 100_000);
        await child.WriteAsync(100_000, model.AsMemory(100_000, 70_000), Token);
        return model;
    }
}
