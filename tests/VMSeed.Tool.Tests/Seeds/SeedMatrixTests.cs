namespace VMSeed.Tool.Tests.Seeds;

/// <summary>Seeds of every format in every kind of machine, in pairs: each format meets each
/// adapter and each firmware, and these meet each other.</summary>
[Collection(nameof(SeedCollection))]
public sealed class SeedMatrixTests(SeedWorkshop workshop)
{
    /// <summary>Every pair of format and disk, and by them every pair there is.</summary>
    public static TheoryData<string, bool, string, string> Pairs()
    {
        TheoryData<string, bool, string, string> rows = [];
        for (int format = 0; format < SeedFormat.All.Count; format++)
        {
            for (int disk = 0; disk < SeedMachine.Disks.Length; disk++)
            {
                int sum = format + disk;
                rows.Add(
                    SeedFormat.All[format].Ending,
                    sum % 2 == 1,
                    SeedMachine.Disks[disk],
                    SeedMachine.Networks[sum % SeedMachine.Networks.Length]);
            }
        }

        return rows;
    }

    [Theory]
    [InlineData("vhd", false, "ide", "pcnet")]
    [InlineData("vhdx", true, "ahci", "virtio")]
    public Task It_boots_grows_little_and_is_whole_afterwards(
        string format, bool isUefi, string disk, string network) =>
        BootAsync(SeedFormat.Of(format), new SeedMachine(isUefi, disk, network));

    [Theory]
    [Trait("Stage", "Long")]
    [MemberData(nameof(Pairs))]
    public Task It_boots_in_every_pair(
        string format, bool isUefi, string disk, string network) =>
        BootAsync(SeedFormat.Of(format), new SeedMachine(isUefi, disk, network));

    [Fact]
    public void Every_pair_is_among_them()
    {
        string[][] rows =
        [
            .. Pairs().Cast<ITheoryDataRow>()
                .Select(row => row.GetData().Select(value => $"{value}").ToArray()),
        ];
        int[] counts = [SeedFormat.All.Count, 2, 6, 5];
        for (int left = 0; left < counts.Length; left++)
        {
            for (int right = left + 1; right < counts.Length; right++)
            {
                int pairs = rows.Select(row => (row[left], row[right])).Distinct().Count();
                Assert.Equal(counts[left] * counts[right], pairs);
            }
        }
    }

    private async Task BootAsync(SeedFormat format, SeedMachine machine)
    {
        string file = await workshop.MakeAsync(format, "matrix");
        try
        {
            long before = await SeedInspection.SizeAsync(file, format);
            await workshop.ServedAsync();
            await using (RunningSeed seed = RunningSeed.Start(machine, file, format))
            {
                await seed.LogInAsync();
                await seed.PowerOffAsync();
            }

            await SeedInspection.CheckAsync(file, format);
            await AssertGrowthAsync(file, format, before);
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".variables");
        }
    }

    private async Task AssertGrowthAsync(string file, SeedFormat format, long before)
    {
        long grown = await SeedInspection.SizeAsync(file, format) - before;
        long changes = await SeedInspection.ChangesAsync(file);
        long served = (await workshop.ServedAsync()).Bytes;
        long most = (long)(served * 1.3) + (8L * format.Unit) + changes;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"grown {grown}, served {served}, changes {changes}, most {most}");
        Assert.True(
            grown < most,
            $"{file} has grown by {grown} bytes; {served} were fetched and {changes} are changes.");
    }
}
