using VMSeed.Disks.Binary;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>The log goes round, takes commits that are longer than an entry, and says when it is
/// damaged.</summary>
public sealed class VhdxLogTests
{
    private const int Block = 1 << 20;
    private const int Blocks = 64;
    private const long HeaderOffset = 64 << 10;
    private const long LogOffset = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_that_has_come_round_is_replayed_wherever_the_power_goes()
    {
        PowerCutDevice file = new(0);
        byte[] count = new byte[4];
        List<int> flushes = [];
        await using (VirtualDisk disk = await CreateAsync(file, Blocks * Block))
        {
            for (int i = 0; i < 300; i++)
            {
                // One block comes or goes with every flush: one entry of two sectors.
                BitConverter.TryWriteBytes(count, i + 1);
                await disk.WriteAsync(0, count, Token);
                int block = (1 + (i % (Blocks - 1))) * Block;
                await (i % 2 == 0
                    ? disk.WriteAsync(block, new byte[] { (byte)i, 1 }, Token)
                    : disk.ZeroAsync(block - Block, Block, Token));
                await disk.FlushAsync(Token);
                flushes.Add(file.Changes);
            }
        }

        await foreach (PowerCut cut in file.CutsAsync(1, 60, flushes[100]))
        {
            int flushed = flushes.FindLastIndex(changes => changes <= cut.Changes) + 1;
            await using VirtualDisk disk = await OpenAsync(cut.Device, canWrite: true);
            await disk.ReadAsync(0, count, Token);
            Assert.InRange(BitConverter.ToInt32(count), flushed, flushed + 1);
            Assert.Empty((await disk.CheckAsync(cancellationToken: Token)).Errors);
        }
    }

    [Fact]
    public async Task A_commit_of_more_pages_than_an_entry_has_is_whole_after_its_flush()
    {
        // Each of these blocks has its entry in a page of its own.
        const int pages = 300;
        const long stride = 512L * Block;
        PowerCutDevice file = new(0);
        int flushed;
        await using (VirtualDisk disk = await CreateAsync(file, pages * stride))
        {
            for (int i = 0; i < pages; i++)
            {
                await disk.WriteAsync(i * stride, new byte[] { (byte)(1 + (i % 255)) }, Token);
            }

            await disk.FlushAsync(Token);
            flushed = file.Changes;
        }

        PowerCutDevice cut = await file.CutAsync(new Random(1), flushed, 0.5);
        await using VirtualDisk again = await OpenAsync(cut, canWrite: false);
        Assert.True(again.Info.IsUnclean);
        byte[] first = new byte[1];
        for (int i = 0; i < pages; i++)
        {
            await again.ReadAsync(i * stride, first, Token);
            Assert.Equal((byte)(1 + (i % 255)), first[0]);
        }
    }

    [Fact]
    public async Task What_could_not_be_written_in_place_is_written_by_the_next_flush()
    {
        PowerCutDevice file = new(0);
        byte[] model = new byte[4 * Block];
        await using (VirtualDisk disk = await CreateAsync(file, model.Length))
        {
            for (int i = 0; i < 40; i++)
            {
                model[i * 50_000] = 9;
                await disk.WriteAsync(i * 50_000, new byte[] { 9 }, Token);
                file.Failure = new IOException("No space left.");
                await Assert.ThrowsAsync<IOException>(async () => await disk.FlushAsync(Token));
                file.Failure = null;
                await disk.FlushAsync(Token);
            }

            await ContentAssert.HoldsAsync(disk, model);
        }

        await using VirtualDisk again = await OpenAsync(file, canWrite: false);
        await ContentAssert.HoldsAsync(again, model);
    }

    [Fact]
    public async Task A_damaged_entry_is_an_error_and_a_log_without_any_is_none()
    {
        PowerCutDevice file = new(0);
        byte[] model = new byte[4 * Block];
        model[5] = 1;
        int flushed;
        await using (VirtualDisk disk = await CreateAsync(file, model.Length))
        {
            await disk.WriteAsync(0, model, Token);
            await disk.FlushAsync(Token);
            flushed = file.Changes;
        }

        PowerCutDevice cut = await file.CutAsync(new Random(1), flushed, 1);
        await cut.ZeroAsync(LogOffset + 2048, 512, Token);
        await cut.ZeroAsync(LogOffset + 4096 + 2048, 512, Token);
        byte[] noise = new byte[512];
        new Random(2).NextBytes(noise);
        await cut.WriteAsync(LogOffset + 2048, noise, Token);
        await cut.WriteAsync(LogOffset + 4096 + 2048, noise, Token);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(cut, canWrite: false));
        Assert.Equal(DiskFault.Corrupt, refusal.Fault);

        await cut.ZeroAsync(LogOffset, 1 << 20, Token);
        await using VirtualDisk disk2 = await OpenAsync(cut, canWrite: false);
        await ContentAssert.HoldsAsync(disk2, model);
    }

    [Fact]
    public async Task Either_header_is_enough_and_equal_ones_are_read()
    {
        PowerCutDevice file = new(0);
        await (await CreateAsync(file, 4 * Block)).DisposeAsync();
        byte[] header = new byte[4096];
        await file.ReadAsync(2 * HeaderOffset, header, Token);
        await file.WriteAsync(HeaderOffset, header, Token);
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            Assert.Empty(disk.Info.Warnings);
        }

        await file.ZeroAsync(2 * HeaderOffset, 4096, Token);
        await using (VirtualDisk disk = await OpenAsync(file, canWrite: true))
        {
            Assert.Single(disk.Info.Warnings);
            Assert.Equal(1, (await disk.CheckAsync(repair: true, null, Token)).RepairedCount);
        }

        await using (VirtualDisk disk = await OpenAsync(file, canWrite: false))
        {
            Assert.Empty(disk.Info.Warnings);
        }

        await file.ZeroAsync(HeaderOffset, 4096, Token);
        await file.ZeroAsync(2 * HeaderOffset, 4096, Token);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await OpenAsync(file, canWrite: false));
        Assert.Equal(DiskFault.Corrupt, refusal.Fault);
    }

    private static ValueTask<VirtualDisk> CreateAsync(PowerCutDevice file, long length) =>
        VirtualDisk.CreateAsync(
            file,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Vhdx,
                Length = length,
                BlockSize = Block,
            },
            Token);

    private static ValueTask<VirtualDisk> OpenAsync(PowerCutDevice file, bool canWrite) =>
        VirtualDisk.OpenAsync(
            file, new VirtualDiskOptions { CanWrite = canWrite, LeaveOpen = true }, Token);
}
