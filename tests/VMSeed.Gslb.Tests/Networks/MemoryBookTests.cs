using CsCheck;
using VMSeed.Gslb.Networks;

namespace VMSeed.Gslb.Tests.Networks;

public sealed class MemoryBookTests
{
    private const long Now = 1_800_000_000;

    private static readonly Gen<double> _number = Gen.OneOf(
        Gen.Double[0, 5_000], Gen.Double, Gen.OneOf(
            Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(-1.0)));

    private static readonly Gen<long> _moment = Gen.OneOf(
        Gen.Long[Now - (10 * 86_400), Now + 10], Gen.Long);

    private static readonly Gen<SavedMirror> _mirror = Gen.Select(
        Gen.Int[0, 400], _number, _number, _number, _number, _moment, _moment,
        (host, first, deviation, trip, bandwidth, at, until) => new SavedMirror(
            $"https://m{host}.example/", first, deviation, trip, bandwidth, at, until));

    private static readonly Gen<SavedMemory> _memory = Gen.Select(
        Gen.Int[0, 12], _moment, _mirror.Array[0, 300],
        (name, seen, mirrors) => new SavedNetwork($"n{name}", seen, mirrors))
        .Array[0, 20].Select(networks => new SavedMemory(1, networks));

    [Fact]
    public void Whatever_a_file_says_what_is_left_is_little_and_sane() =>
        _memory.Sample(
            memory =>
            {
                SavedMemory clean = MemoryBook.Clean(memory, Now);
                Assert.InRange(clean.Networks.Count, 0, MemoryBook.MostNetworks);
                Assert.Equal(
                    clean.Networks.Count, clean.Networks.Select(x => x.Name).Distinct().Count());
                foreach (SavedNetwork network in clean.Networks)
                {
                    Assert.InRange(network.Mirrors.Count, 1, MemoryBook.MostMirrors);
                    Assert.Equal(
                        network.Mirrors.Count,
                        network.Mirrors.Select(x => x.Address).Distinct().Count());
                    Assert.All(network.Mirrors, mirror => Assert.True(
                        double.IsFinite(mirror.FirstByte + mirror.Deviation + mirror.RoundTrip
                            + mirror.Bandwidth) && mirror.QuarantinedUntil <= Now + 86_400
                            && mirror.At is >= 0 and <= Now));
                }
            },
            iter: 200);

    [Fact]
    public void Of_two_that_measured_a_mirror_the_newer_is_kept()
    {
        SavedMemory theirs = MemoryBook.Merge(
            SavedMemory.Empty, "home", [Mirror("a", 10, Now - 5), Mirror("b", 20, Now - 50)], Now);
        SavedMemory both = MemoryBook.Merge(
            theirs, "home", [Mirror("a", 99, Now - 30), Mirror("b", 88, Now - 10)], Now);
        Assert.Equal(
            [("a", 10.0), ("b", 88.0)],
            both.Networks[0].Mirrors.Select(x => (x.Address, x.FirstByte)).Order());
    }

    [Fact]
    public void What_a_clock_ahead_of_time_has_stamped_gives_way_to_what_is_measured_now()
    {
        SavedMemory ahead = new(1, [new("home", Now + 9_000, [Mirror("a", 10, Now + 9_000)])]);
        SavedMemory memory = MemoryBook.Merge(
            MemoryBook.Clean(ahead, Now), "home", [Mirror("a", 99, Now)], Now);
        Assert.Equal(99, Assert.Single(memory.Networks[0].Mirrors).FirstByte);
    }

    [Fact]
    public void The_network_that_was_left_longest_ago_makes_room()
    {
        SavedMemory memory = SavedMemory.Empty;
        for (int network = 0; network < MemoryBook.MostNetworks + 2; network++)
        {
            memory = MemoryBook.Merge(
                memory, $"n{network}", [Mirror("a", 10, Now)], Now + network);
        }

        Assert.Equal(MemoryBook.MostNetworks, memory.Networks.Count);
        Assert.Empty(MemoryBook.MirrorsOf(memory, "n1"));
        Assert.Single(MemoryBook.MirrorsOf(memory, "n2"));
    }

    [Fact]
    public void What_is_older_than_a_week_is_forgotten_but_a_quarantine_is_not()
    {
        SavedMemory memory = MemoryBook.Merge(
            SavedMemory.Empty,
            "home",
            [
                Mirror("old", 10, Now - MemoryBook.LongestAge - 1),
                Mirror("new", 10, Now - MemoryBook.LongestAge),
                Mirror("bad", 10, Now - MemoryBook.LongestAge - 1) with
                {
                    QuarantinedUntil = Now + 60,
                },
            ],
            Now);
        Assert.Equal(
            ["bad", "new"], memory.Networks[0].Mirrors.Select(x => x.Address).Order());
    }

    private static SavedMirror Mirror(string name, double firstByte, long at) =>
        new(name, firstByte, 1, firstByte, 5_000, at, 0);
}
