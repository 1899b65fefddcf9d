using VMSeed.Blocks;
using VMSeed.Testing.Devices;
using Xunit;
using Xunit.Sdk;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>A session with a disk, whose power is then cut at many places of it.</summary>
internal static class PowerCutTrial
{
    // Blocks are allocated, freed and allocated again several times over; 8 flushes or so.
    private const int Steps = 80;

    // More than the cores of a small machine, and few enough that each has room of whole blocks.
    private const int Tasks = 4;

    // After a recovery: enough to allocate beside what the cut has left.
    private const int StepsAfterwards = 6;

    // A judge is a program or three: it looks at some of the recovered images only.
    private const int JudgeEvery = 12;

    /// <summary>One task does all, one step after the other.</summary>
    internal static Task RunAsync(DiskFormat format, int length, int seed, int states) =>
        RunAsync(format, length, seed, states, async disk =>
        {
            Random random = new(seed);
            List<DiskEvent> events = [];
            for (int i = 0; i < Steps; i++)
            {
                events.Add(await disk.ApplyAsync(
                    DiskOperation.Draw(random, disk.Model.Length, format.LengthUnit)));
            }

            return [events];
        });

    /// <summary>Several tasks work at once, each in a part of the disk; each flushes all.</summary>
    internal static Task RunTogetherAsync(DiskFormat format, int length, int seed, int states) =>
        RunAsync(format, length, seed, states, disk => Task.WhenAll(
            Enumerable.Range(0, Tasks).Select(task => Task.Run(async () =>
            {
                (int start, int end) = PartOf(task, length, seed);
                Random random = new((seed * Tasks) + task);
                List<DiskEvent> events = [];
                for (int i = 0; i < Steps / Tasks; i++)
                {
                    events.Add(await disk.ApplyAsync(
                        DiskOperation.DrawWithin(random, start, end)));
                }

                return events;
            }))));

    // Parts of whole blocks, for even seeds; else neighbours meet in the block between them.
    private static (int Start, int End) PartOf(int task, int length, int seed)
    {
        int part = length / Tasks / 4096 * 4096;
        int shift = seed % 2 == 0 ? 0 : 7 * 512;
        int start = task == 0 ? 0 : (task * part) + shift;
        return (start, task == Tasks - 1 ? length : ((task + 1) * part) + shift);
    }

    private static async Task RunAsync(
        DiskFormat format,
        int length,
        int seed,
        int states,
        Func<DiskUnderTest, Task<List<DiskEvent>[]>> work)
    {
        PowerCutFiles files = new();
        int first;
        List<DiskEvent>[] tasks;
        await using (DiskUnderTest disk = await DiskUnderTest.CreateAsync(format, files, length))
        {
            await disk.FlushAsync();
            first = files.Changes;
            files.Yields = true;
            tasks = await work(disk);
            files.Yields = false;
            await disk.CompareAsync();
        }

        CutExpectation expectation = new(tasks, format.Initial(length), format);
        Random random = new(seed);
        int count = 0;
        await foreach (FilesCut cut in files.CutsAsync(seed, states, first))
        {
            try
            {
                expectation.AdvanceTo(cut.Changes);
                await RecoverAsync(format, cut.Files, expectation, random, count++);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new XunitException($"Session {seed}: {cut.Name} {e.Message}", e);
            }
        }
    }

    private static async Task RecoverAsync(
        DiskFormat format,
        PowerCutFiles files,
        CutExpectation expectation,
        Random random,
        int count)
    {
        byte[] found = await ReadAsync(format, files);
        expectation.Check(found);
        Assert.True(files.Changes == 0, "An opening for reading has written to the files.");

        await (await DiskUnderTest.OpenAsync(format, files, found)).DisposeAsync();
        PowerCutFiles twice = await files.CutAsync(random, random.Next(files.Changes + 1), 0.5);
        ContentAssert.Same(
            found, await ReadAsync(format, twice), when: "After a second cut, in the recovery: ");

        byte[] after;
        List<DiskOperation> steps = [];
        await using (DiskUnderTest disk = await DiskUnderTest.OpenAsync(format, files, found))
        {
            for (int i = 0; i < StepsAfterwards; i++)
            {
                steps.Add(DiskOperation.Draw(random, disk.Model.Length, format.LengthUnit));
                await disk.ApplyAsync(steps[^1]);
            }

            after = disk.Model;
        }

        ContentAssert.Same(
            after,
            await ReadAsync(format, files),
            when: $"After {string.Join(", ", steps)} on the recovered disk: ");
        if (count % JudgeEvery == 0)
        {
            await format.JudgeAsync(files, after);
        }
    }

    private static async Task<byte[]> ReadAsync(DiskFormat format, PowerCutFiles files)
    {
        await using BlockDevice disk = await format.OpenAsync(files, false);
        return await ContentAssert.ReadAsync(disk);
    }
}
