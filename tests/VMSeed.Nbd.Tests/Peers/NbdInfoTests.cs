using System.Text.Json;
using VMSeed.Blocks.Devices;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests.Peers;

public sealed class NbdInfoTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task It_is_told_what_the_export_can_do()
    {
        await using MemoryBlockDevice device = new(10 * MiB + 512);
        await using Served served = Served.Start(
            [new BlockDeviceExport("a disk", device, "of nobody")]);
        JsonElement export = await ExportAsync(served.Server.AddressOf("a disk"));
        Assert.Equal(10 * MiB + 512, export.GetProperty("export-size").GetInt64());
        Assert.Equal("of nobody", export.GetProperty("description").GetString());
        foreach (string can in (string[])
            [
                "can_cache", "can_df", "can_fast_zero", "can_flush", "can_fua", "can_multi_conn",
                "can_trim", "can_zero",
            ])
        {
            Assert.True(export.GetProperty(can).GetBoolean(), can);
        }

        Assert.False(export.GetProperty("is_read_only").GetBoolean());
        Assert.Equal(4096, export.GetProperty("block_size_preferred").GetInt32());
        Assert.Equal(32 * MiB, export.GetProperty("block_size_maximum").GetInt32());
        Assert.Equal(
            ["base:allocation", "x-vmseed:local"],
            export.GetProperty("contexts").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_read_only_export_says_so()
    {
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Served.Start(
            [new BlockDeviceExport(string.Empty, device, readOnly: true)]);
        JsonElement export = await ExportAsync(served.Uri);
        Assert.True(export.GetProperty("is_read_only").GetBoolean());
        Assert.False(export.GetProperty("can_trim").GetBoolean());
        Assert.False(export.GetProperty("can_zero").GetBoolean());
    }

    [Fact]
    public async Task All_exports_are_listed_and_the_first_is_the_default()
    {
        await using MemoryBlockDevice one = new(MiB);
        await using MemoryBlockDevice two = new(2 * MiB);
        await using Served served = Served.Start(
            [new BlockDeviceExport("erste", one), new BlockDeviceExport("zweite ü", two)]);
        using JsonDocument list = JsonDocument.Parse(
            await PeerProgram.OutputAsync("nbdinfo", "--list", "--json", served.Uri));
        Assert.Equal(
            [("erste", (long)MiB), ("zweite ü", 2 * MiB)],
            list.RootElement.GetProperty("exports").EnumerateArray().Select(export => (
                export.GetProperty("export-name").GetString()!,
                export.GetProperty("export-size").GetInt64())));
        Assert.Equal(MiB, (await ExportAsync(served.Uri)).GetProperty("export-size").GetInt64());
    }

    [Fact]
    public async Task The_map_tells_holes_in_one_context_and_what_is_remote_in_the_other()
    {
        PatternDevice device = new(8 * PatternDevice.RunLength, sparse: true);
        await using Served served = Served.Start(device);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => i % 4 == 1 ? 3 : 0).Aggregate(
                new List<(long, int)>(), Merge),
            await MapAsync(served, "base:allocation"));
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => i % 4 == 2 ? 1 : 0).Aggregate(
                new List<(long, int)>(), Merge),
            await MapAsync(served, "x-vmseed:local"));
    }

    [Fact]
    public async Task The_map_of_a_disk_of_many_extents_is_whole()
    {
        PatternDevice device = new(500_000L * PatternDevice.RunLength, sparse: true);
        await using Served served = Served.Start(device);
        List<(long Length, int Flags)> map = await MapAsync(served, "base:allocation");
        Assert.Equal(device.Length, map.Sum(run => run.Length));
        Assert.Equal(125_000, map.Count(run => run.Flags == 3));
    }

    private static List<(long Length, int Flags)> Merge(
        List<(long Length, int Flags)> runs, int flags)
    {
        if (runs.Count > 0 && runs[^1].Flags == flags)
        {
            runs[^1] = (runs[^1].Length + PatternDevice.RunLength, flags);
        }
        else
        {
            runs.Add((PatternDevice.RunLength, flags));
        }

        return runs;
    }

    private static async Task<List<(long Length, int Flags)>> MapAsync(
        Served served, string context)
    {
        using JsonDocument map = JsonDocument.Parse(
            await PeerProgram.OutputAsync("nbdinfo", $"--map={context}", "--json", served.Uri));
        List<(long Length, int Flags)> runs = [];
        foreach (JsonElement run in map.RootElement.EnumerateArray())
        {
            // nbdinfo shows what each of its requests brought; neighbours may be alike.
            (long length, int flags) =
                (run.GetProperty("length").GetInt64(), run.GetProperty("type").GetInt32());
            if (runs.Count > 0 && runs[^1].Flags == flags)
            {
                runs[^1] = (runs[^1].Length + length, flags);
            }
            else
            {
                runs.Add((length, flags));
            }
        }

        return runs;
    }

    private static async Task<JsonElement> ExportAsync(string uri) =>
        JsonSerializer.Deserialize<JsonElement>(
            await PeerProgram.OutputAsync("nbdinfo", "--json", uri)).GetProperty("exports")[0];
}
