using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>What a child does not have, its parent answers for.</summary>
public sealed class VhdxDifferencingTests
{
    private const int Length = (5 << 20) + 1536;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public async Task A_child_holds_its_changes_over_the_parents_bytes(int sector)
    {
        byte[] model = Pattern.Random(Length / sector * sector, 1);
        await using MemoryBlockDevice parent = new(model);
        PowerCutDevice file = new(0);
        Random random = new(sector);
        for (int session = 0; session < 4; session++)
        {
            await using VirtualDisk disk = session == 0
                ? await CreateAsync(file, parent, sector)
                : await OpenAsync(file, parent, canWrite: true);
            Assert.Equal("differencing", disk.Info.Variant);
            for (int i = 0; i < 60; i++)
            {
                await ChangeAsync(disk, model, random, i);
            }

            await ContentAssert.HoldsAsync(disk, model);
        }

        await using VirtualDisk again = await OpenAsync(file, parent, canWrite: false);
        await ContentAssert.HoldsAsync(again, model);
        Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_power_cut_shows_the_parents_bytes_or_the_childs_and_no_others(int seed)
    {
        byte[] model = Pattern.Random(Length, 2);
        await using MemoryBlockDevice parent = new(model);
        PowerCutDevice file = new(0);
        List<(int Changes, byte[] Content)> flushed = [];
        List<(int Changes, byte[] Content)> all = [];
        await using (VirtualDisk disk = await CreateAsync(file, parent, 512))
        {
            all.Add((0, [.. model]));
            flushed.Add((file.Changes, [.. model]));
            Random random = new(seed);
            for (int i = 0; i < 40; i++)
            {
                int before = file.Changes;
                await ChangeAsync(disk, model, random, i);
                all.Add((before, [.. model]));
                if (i % 5 == 4)
                {
                    await disk.FlushAsync(Token);
                    flushed.Add((file.Changes, [.. model]));
                }
            }
        }

        await foreach (PowerCut cut in file.CutsAsync(seed, 60, flushed[0].Changes))
        {
            await using VirtualDisk disk = await OpenAsync(cut.Device, parent, canWrite: false);
            byte[] found = await ContentAssert.ReadAsync(disk);
            int last = flushed.FindLastIndex(state => state.Changes <= cut.Changes);
            int first = all.FindIndex(
                state => state.Content.AsSpan().SequenceEqual(flushed[last].Content));
            byte[][] allowed =
                [.. all.Skip(first).TakeWhile(s => s.Changes < cut.Changes).Select(s => s.Content)];
            for (int at = 0; at < Length; at++)
            {
                at += found.AsSpan(at).CommonPrefixLength(allowed[0].AsSpan(at));
                if (at < Length && !allowed.Any(content => content[at] == found[at]))
                {
                    Assert.Fail($"{cut.Name} At {at} is {found[at]}, which was never there.");
                }
            }
        }
    }

    [Fact]
    public async Task A_chain_is_opened_by_names_and_known_by_its_content()
    {
        using TempFolder folder = new();
        byte[] model = Pattern.Random(Length, 3);
        await using (VirtualDisk parent = await VirtualDisk.CreateFileAsync(
            folder["base.vhdx"], Options(null, 512), Token))
        {
            await parent.WriteAsync(0, model, Token);
        }

        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["base.vhdx"], cancellationToken: Token))
        {
            await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
                folder["child.avhdx"],
                Options(parent, 512) with { ParentName = "base.vhdx" },
                Token);
            model.AsSpan(700, 5000).Fill(7);
            await child.WriteAsync(700, model.AsMemory(700, 5000), Token);
        }

        await using (VirtualDisk child = await VirtualDisk.OpenFileAsync(
            folder["child.avhdx"], cancellationToken: Token))
        {
            Assert.Equal(@".\base.vhdx", child.Info.ParentName);
            await ContentAssert.HoldsAsync(child, model);
        }

        // A parent that has been written is another one.
        await using (VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            folder["base.vhdx"], new VirtualDiskOptions { CanWrite = true }, Token))
        {
            await parent.WriteAsync(0, new byte[1], Token);
        }

        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(
                folder["child.avhdx"], cancellationToken: Token));
        Assert.Equal(DiskFault.WrongParent, refusal.Fault);
        File.Delete(folder["base.vhdx"]);
        refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(
                folder["child.avhdx"], cancellationToken: Token));
        Assert.Equal(DiskFault.MissingFile, refusal.Fault);
    }

    [Fact]
    public async Task A_block_that_is_written_in_steps_from_end_to_end_needs_no_bitmap_any_more()
    {
        byte[] model = Pattern.Random(4 << 20, 4);
        await using MemoryBlockDevice parent = new(4 << 20);
        PowerCutDevice file = new(0);
        await using VirtualDisk disk = await CreateAsync(file, parent, 512);
        for (int at = 0; at < model.Length; at += 100_000)
        {
            int count = Math.Min(100_000, model.Length - at);
            await disk.WriteAsync(at, model.AsMemory(at, count), Token);
        }

        await disk.FlushAsync(Token);
        byte[] entries = new byte[4 * 8];
        await file.ReadAsync(3 << 20, entries, Token);
        Assert.All(entries.Chunk(8), entry => Assert.Equal(6, entry[0] & 7));
        await ContentAssert.HoldsAsync(disk, model);
    }

    private static async Task ChangeAsync(
        VirtualDisk disk, byte[] model, Random random, int step)
    {
        int offset = random.Next(model.Length);
        int length = random.Next(1, Math.Min(step % 7 == 0 ? 2_500_000 : 30_000,
            model.Length - offset) + 1);
        Memory<byte> range = model.AsMemory(offset, length);
        if (random.Next(4) == 0)
        {
            range.Span.Clear();
            await disk.ZeroAsync(offset, length, Token);
        }
        else
        {
            random.NextBytes(range.Span);
            await disk.WriteAsync(offset, range, Token);
        }
    }

    private static VirtualDiskCreateOptions Options(BlockDevice? parent, int sector) => new()
    {
        Format = DiskFormat.Vhdx,
        Length = parent?.Length ?? Length,
        BlockSize = 1 << 20,
        SectorSize = sector,
        Parent = parent,
    };

    private static ValueTask<VirtualDisk> CreateAsync(
        BlockDevice file, BlockDevice parent, int sector) =>
        VirtualDisk.CreateAsync(file, Options(parent, sector), Token);

    private static ValueTask<VirtualDisk> OpenAsync(
        BlockDevice file, BlockDevice parent, bool canWrite) =>
        VirtualDisk.OpenAsync(
            file,
            new VirtualDiskOptions { CanWrite = canWrite, Parent = parent, LeaveOpen = true },
            Token);
}
