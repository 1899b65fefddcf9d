using VMSeed.Blocks.Images;

namespace VMSeed.Blocks.Tests.Images;

public sealed class BootProfileTests
{
    private static readonly ImageGeometry _geometry = new(4096L * 100, 4096, 16);

    [Fact]
    public void Is_read_as_it_was_written()
    {
        BootProfile profile = Make();
        var read = BootProfile.Read(profile.Write(), _geometry);
        Assert.Equal(profile.Indexes, read.Indexes);
        SampleTable.AssertEqual(profile.Table, read.Table);
    }

    [Fact]
    public void Hostile_profiles_are_refused_within_their_bound() => HostileBytes.Feed(
        Make().Write(), 20_000, 64 * 1024, bytes => BootProfile.Read(bytes, _geometry));

    private static BootProfile Make() => new(
        [.. Enumerable.Range(0, 30).Select(i => (long)(i * 37 % 100))],
        SampleTable.Make(_geometry, 0, 30, seed: 3));
}
