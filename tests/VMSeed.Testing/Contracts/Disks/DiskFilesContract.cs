using CsCheck;
using VMSeed.Blocks;
using VMSeed.Testing.Devices;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What a writable disk keeps that has several files, or lies over others; the test class
/// of such a shape inherits it and says how the files are made, opened and judged.</summary>
public abstract class DiskFilesContract
{
    // Each makes its files anew and asks the judge once.
    private const int Sequences = 5;

    private readonly Dictionary<string, byte[]> _frozen = [];

    /// <summary>The token of the running test.</summary>
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The name of the file by which the disk is opened.</summary>
    protected abstract string Main { get; }

    /// <summary>The disk's length; a few blocks, and part of one.</summary>
    protected virtual int Length => (4 << 20) + (37 * 512);

    /// <summary>States after power cuts that are looked at in one session.</summary>
    protected virtual int CutStates => 24;

    private DiskFormat Format => new(
        CreateAsync,
        OpenAsync,
        (files, content) => JudgeAsync(files, content, isRecovered: false),
        LengthUnit: 512)
    {
        Initial = Initial,
    };

    private DiskFormat RecoveredFormat => Format with
    {
        JudgeAsync = (files, content) => JudgeAsync(files, content, isRecovered: true),
    };

    /// <summary>What a new disk reads as: zeros, or what lies below.</summary>
    protected virtual byte[] Initial(int length) => new byte[length];

    /// <summary>Makes a disk's files in an empty folder.</summary>
    /// <returns>The names of those that no writing to the disk may change.</returns>
    protected abstract ValueTask<string[]> MakeAsync(string folder, long length);

    /// <summary>Opens the disk.</summary>
    protected abstract ValueTask<BlockDevice> OpenAsync(PowerCutFiles files, bool writable);

    /// <summary>Fails unless a program, other people's where there is one, takes the files of a
    /// folder for a good image of this content.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="content">What the disk must hold.</param>
    /// <param name="isRecovered">Whether it has been written to after a power cut, which may leave
    /// storage behind.</param>
    protected abstract ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered);

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
                        await disk.ApplyAsync(
                            DiskOperation.Draw(new Random(seed), disk.Model.Length, 512));
                    }

                    await disk.CompareAsync();
                    content = disk.Model;
                }

                await using BlockDevice again = await OpenAsync(files, false);
                await MapContract.CheckAsync(again, content, 0, content.Length, Token);
                await ContentAssert.HoldsAsync(again, content);
                await JudgeAsync(files, content, isRecovered: false);
            },
            iter: Sequences,
            threads: 1,
            seed: "0000KTKrjMgf");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task After_a_power_cut_what_was_flushed_is_there_and_the_rest_is_old_or_new(int seed) =>
        PowerCutTrial.RunAsync(RecoveredFormat, Length, seed, CutStates);

    // Who comes first is chance, so that a failure does not come back by its seed alone.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Stage", "Long")]
    public Task After_a_power_cut_every_task_finds_what_was_flushed_and_the_rest_old_or_new(
        int seed) =>
        PowerCutTrial.RunTogetherAsync(RecoveredFormat, Length, seed, CutStates / 3);

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
    [Trait("Stage", "Long")]
    public async Task After_any_of_500_power_cuts_every_task_finds_what_was_flushed()
    {
        for (int seed = 100; seed < 110; seed++)
        {
            await PowerCutTrial.RunTogetherAsync(RecoveredFormat, Length, seed, states: 50);
        }
    }

    private async ValueTask<BlockDevice> CreateAsync(PowerCutFiles files, long length)
    {
        using TempFolder folder = new();
        string[] frozen = await MakeAsync(folder.Root, length);
        await files.AddFolderAsync(folder.Root);
        _frozen.Clear();
        foreach (string name in frozen)
        {
            _frozen.Add(name, await File.ReadAllBytesAsync(folder[name], Token));
        }

        return await OpenAsync(files, true);
    }

    private async ValueTask JudgeAsync(PowerCutFiles files, byte[] content, bool isRecovered)
    {
        using TempFolder folder = new();
        await files.SaveAsync(folder.Root);
        foreach ((string name, byte[] before) in _frozen)
        {
            ContentAssert.Same(
                before,
                await File.ReadAllBytesAsync(folder[name], Token),
                when: $"In {name}, which is not the disk's to write: ");
        }

        await CheckWithOracleAsync(folder.Root, content, isRecovered);
    }
}
