using CsCheck;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Devices;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What every writable disk format keeps; the test class of a format, or of a variant of
/// one, inherits it and says how a disk is made, opened and judged.</summary>
/// <remarks>A disk may own its file or not: the contract closes both, the disk first.</remarks>
public abstract class WritableDiskContract
{
    // 1.5 s of CPU with the judge's programs; each sequence has 12 steps on average.
    private const int Sequences = 20;

    /// <summary>The token of the running test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Every length of a disk is a multiple of so many bytes.</summary>
    protected virtual int LengthUnit => 512;

    /// <summary>The disk's length; a few blocks, and part of one.</summary>
    protected virtual int Length => (4 << 20) + (37 * LengthUnit);

    /// <summary>States after power cuts that are looked at in one session. Each costs three
    /// openings for reading and two for writing.</summary>
    protected virtual int CutStates => 40;

    /// <summary>Whether closing the disk makes everything durable.</summary>
    protected virtual bool ClosingFlushes => true;

    /// <summary>Whether the disk is the file itself, whose length is not a format's.</summary>
    protected virtual bool HasLengthOfFile => false;

    private DiskFormat Format => new(
        (files, length) => CreateAsync(files.Add("disk"), length),
        (files, writable) => OpenAsync(files["disk"], writable),
        (files, content) => JudgeAsync(files["disk"], content),
        LengthUnit)
    {
        Initial = Initial,
        ClosingFlushes = ClosingFlushes,
        HasLengthOfFile = HasLengthOfFile,
    };

    private DiskFormat RecoveredFormat => Format with
    {
        JudgeAsync = (files, content) => JudgeRecoveredAsync(files["disk"], content),
    };

    /// <summary>What a new disk of so many bytes reads as.</summary>
    protected virtual byte[] Initial(int length) => new byte[length];

    /// <summary>Makes a disk of so many bytes in an empty file, open for writing.</summary>
    protected abstract ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length);

    /// <summary>Opens the disk that a file holds.</summary>
    protected abstract ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable);

    /// <summary>Fails unless other people's program takes the file for a good image of this
    /// content; mostly <see cref="QemuOracle"/>.</summary>
    protected abstract ValueTask CheckWithOracleAsync(string path, byte[] content);

    /// <summary>The same for a disk that has been written to after a power cut. The default demands
    /// as much; a format whose cuts may leave storage behind says so here.</summary>
    protected virtual ValueTask CheckRecoveredWithOracleAsync(string path, byte[] content) =>
        CheckWithOracleAsync(path, content);

    [Fact]
    public Task Any_session_leaves_what_a_model_holds_and_what_others_read() =>
        Gen.Int.Array[1, 24].SampleAsync(
            async seeds =>
            {
                PowerCutFiles files = new();
                byte[] content;
                await using (DiskUnderTest disk =
                    await DiskUnderTest.CreateAsync(Format, files, Length))
                {
                    foreach (int seed in seeds)
                    {
                        await disk.ApplyAsync(DiskOperation.Draw(
                            new Random(seed), disk.Model.Length, LengthUnit));
                    }

                    await disk.CompareAsync();
                    content = disk.Model;
                }

                PowerCutDevice file = files["disk"];
                await using BlockDevice again = await OpenAsync(file, false);
                await MapContract.CheckAsync(again, content, 0, content.Length, Token);
                await ContentAssert.HoldsAsync(again, content);
                await JudgeAsync(file, content);
            },
            iter: Sequences,
            threads: 1,
            seed: "0000KTKrjMgf");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task After_a_power_cut_what_was_flushed_is_there_and_the_rest_is_old_or_new(int seed) =>
        PowerCutTrial.RunAsync(RecoveredFormat, Length, seed, CutStates);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task After_a_power_cut_every_task_finds_what_was_flushed_and_the_rest_old_or_new(
        int seed) =>
        PowerCutTrial.RunTogetherAsync(RecoveredFormat, Length, seed, CutStates / 4);

    [Fact]
    [Trait("Stage", "Long")]
    public async Task After_any_of_1000_power_cuts_every_task_finds_what_was_flushed()
    {
        for (int seed = 100; seed < 120; seed++)
        {
            await PowerCutTrial.RunTogetherAsync(RecoveredFormat, Length, seed, states: 50);
        }
    }

    [Fact]
    [Trait("Stage", "Long")]
    public async Task After_any_of_1000_power_cuts_what_was_flushed_is_there()
    {
        for (int seed = 100; seed < 110; seed++)
        {
            await PowerCutTrial.RunAsync(RecoveredFormat, Length, seed, states: 100);
        }
    }

    [Fact]
    public async Task Many_tasks_at_once_each_find_their_own_bytes()
    {
        using TempFolder folder = new();
        byte[] content = Initial(Length);
        await using (FileBlockDevice file = Open(folder))
        {
            await using BlockDevice disk = await CreateAsync(file, Length);
            await new SharedDiskTrial(disk, content).RunAsync(seed: 1);
            await ContentAssert.HoldsAsync(disk, content);
        }

        await using (FileBlockDevice file = Open(folder))
        {
            await using BlockDevice disk = await OpenAsync(file, false);
            await ContentAssert.HoldsAsync(disk, content);
        }

        await CheckWithOracleAsync(folder["disk"], content);
    }

    [Fact]
    public async Task Reads_of_what_is_cached_allocate_nothing_and_complete_at_once()
    {
        using TempFolder folder = new();
        await using FileBlockDevice file = Open(folder);
        await using (BlockDevice disk = await CreateAsync(file, Length))
        {
            // Not all of it: holes are read too.
            await disk.WriteAsync(0, Pattern.Random(Length / 2, 1), Token);
            await disk.FlushAsync(Token);
        }

        await using FileBlockDevice same = Open(folder, FileAccess.Read);
        await using BlockDevice warm = await OpenAsync(same, false);
        await ContentAssert.ReadAsync(warm);
        Random random = new(2);
        byte[] buffer = new byte[4096];
        Assert.Equal(
            0,
            Allocations.Measure(
                () => warm.ReadAsync(random.Next(Length - buffer.Length), buffer)));
    }

    [Fact]
    public async Task A_disk_that_is_opened_for_reading_refuses_every_change()
    {
        PowerCutDevice file = new(0);
        await using (BlockDevice disk = await CreateAsync(file, Length))
        {
            Assert.True(disk.CanWrite);
            await disk.WriteAsync(5, new byte[] { 1, 2, 3 }, Token);
        }

        int changes = file.Changes;
        await using (BlockDevice disk = await OpenAsync(file, false))
        {
            Assert.False(disk.CanWrite);
            await Refused(() => disk.WriteAsync(0, new byte[1], Token));
            await Refused(() => disk.ZeroAsync(0, 1, Token));
            await Refused(() => disk.TrimAsync(0, 1, Token));
            await Refused(() => disk.SetLengthAsync(Length * 2, Token));
            await disk.FlushAsync(Token);
        }

        Assert.Equal(changes, file.Changes);
    }

    private static async Task Refused(Func<ValueTask> work) =>
        await Assert.ThrowsAsync<NotSupportedException>(async () => await work());

    private static FileBlockDevice Open(
        TempFolder folder, FileAccess access = FileAccess.ReadWrite) =>
        FileBlockDevice.Open(
            folder["disk"], access, FileMode.OpenOrCreate, FileShare.ReadWrite);

    private ValueTask JudgeAsync(BlockDevice file, byte[] content) =>
        JudgeAsync(file, content, CheckWithOracleAsync);

    private ValueTask JudgeRecoveredAsync(BlockDevice file, byte[] content) =>
        JudgeAsync(file, content, CheckRecoveredWithOracleAsync);

    private static async ValueTask JudgeAsync(
        BlockDevice file, byte[] content, Func<string, byte[], ValueTask> judge)
    {
        using TempFolder folder = new();
        await using (FileBlockDevice copy = FileBlockDevice.Create(folder["disk"], file.Length))
        {
            await SparseCopy.ToAsync(file, copy);
        }

        await judge(folder["disk"], content);
    }
}
