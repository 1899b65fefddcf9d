using CsCheck;
using VMSeed.ImageBuilder.Partitions;

namespace VMSeed.ImageBuilder.Tests.Partitions;

/// <summary>Sizes that every product reads alike.</summary>
public sealed class SeedSizeTests
{
    private const long LargestGeometry = 65535L * 16 * 255 * 512;

    [Fact]
    public void Thirty_two_gibibytes_are_128_times_255_MiB() =>
        Assert.Equal(128L * 255 * 1024 * 1024, SeedSize.Of(SeedSize.Default));

    [Fact]
    public void A_size_is_whole_mebibytes_and_exact_in_the_geometry_of_a_VHD() =>
        Gen.Long[SeedSize.Least, SeedSize.Greatest].Sample(wish =>
        {
            long size = SeedSize.Of(wish);
            Assert.True(size <= wish);
            Assert.Equal(0, size % (1024 * 1024));
            if (size <= LargestGeometry)
            {
                Assert.Equal(size, GeometryOf(size));
                Assert.True(wish > LargestGeometry || wish - size < 512L * 1024 * 1024);
            }
        });

    [Theory]
    [InlineData(SeedSize.Least - 1)]
    [InlineData(SeedSize.Greatest + 1)]
    public void What_is_out_of_bounds_is_refused(long size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SeedSize.Of(size));

    // The appendix "CHS calculation" of Microsoft's specification, for disks of 1 GiB and more.
    private static long GeometryOf(long size)
    {
        long sectors = size / 512;
        long perTrack = sectors >= 65535L * 16 * 63 ? 255 : 63;
        return sectors / perTrack / 16 * 16 * perTrack * 512;
    }
}
