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

    // After a recovery: enough to allocate beside what the cut has left.
    private const int StepsAfterwards = 6;

    // A judge is a program or three: it looks at some of the recovered images only.
    private const int JudgeEvery = 12;

    internal static async Task RunAsync(DiskFormat format, int length, int seed, int states)
    {
        PowerCutDevice file = new(0);
        Random random = new(seed);
        List<DiskEvent> events = [];
        int first;
        await using (DiskUnderTest disk = await DiskUnderTest.CreateAsync(format, file, length))
        {
            await disk.FlushAsync();
            first = file.Changes;
            for (int i = 0; i < Steps; i++)
            {
                events.Add(await disk.ApplyAsync(
                    DiskOperation.Draw(random, disk.Model.Length, format.LengthUnit)));
            }
        }

        CutExpectation expectation = new(events, length);
        int count = 0;
        await foreach (PowerCut cut in file.CutsAsync(seed, states, first))
        {
            try
            {
                expectation.AdvanceTo(cut.Changes);
                await RecoverAsync(format, cut.Device, expectation, random, count++);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new XunitException($"Session {seed}: {cut.Name} {e.Message}", e);
            }
        }
    }

    private static async Task RecoverAsync(
        DiskFormat format,
        PowerCutDevice file,
        CutExpectation expectation,
        Random random,
        int count)
    {
        byte[] found = await ReadAsync(format, file);
        expectation.Check(found);
        Assert.True(file.Changes == 0, "An opening for reading has written to the file.");

        await (await DiskUnderTest.OpenAsync(format, file, found)).DisposeAsync();
        PowerCutDevice twice = await file.CutAsync(random, random.Next(file.Changes + 1), 0.5);
        ContentAssert.Same(
            found, await ReadAsync(format, twice), when: "After a second cut, in the recovery: ");

        byte[] after;
        List<DiskOperation> steps = [];
        await using (DiskUnderTest disk = await DiskUnderTest.OpenAsync(format, file, found))
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
            await ReadAsync(format, file),
            when: $"After {string.Join(", ", steps)} on the recovered disk: ");
        if (count % JudgeEvery == 0)
        {
            await format.JudgeAsync(file, after);
        }
    }

    private static async Task<byte[]> ReadAsync(DiskFormat format, BlockDevice file)
    {
        await using BlockDevice disk = await format.OpenAsync(file, false);
        return await ContentAssert.ReadAsync(disk);
    }
}
