using CsCheck;
using VMSeed.Gslb.Health;

namespace VMSeed.Gslb.Tests.Health;

public sealed class LackedFilesTests
{
    private readonly LackedFiles _lacked = new();

    [Fact]
    public void What_was_lacking_is_known_for_a_minute()
    {
        _lacked.Add(7, 1_000);
        Assert.True(_lacked.Contains(7, 60_999));
        Assert.False(_lacked.Contains(7, 61_000));
        Assert.False(_lacked.Contains(8, 1_000));
    }

    [Fact]
    public void What_has_come_is_not_lacking()
    {
        _lacked.Add(7, 0);
        _lacked.Remove(7);
        Assert.False(_lacked.Contains(7, 0));
    }

    [Fact]
    public void No_file_is_none() => Gen.ULong.Array[0, 100].Sample(files =>
    {
        LackedFiles lacked = new();
        lacked.Add(0, 0);
        foreach (ulong file in files)
        {
            lacked.Add(file, 0);
        }

        Assert.False(lacked.Contains(0, 1));
    });

    [Fact]
    public void Of_a_thousand_files_only_what_was_added_is_found_and_most_of_the_last_are() =>
        Gen.ULong[1, ulong.MaxValue].HashSet[1_000].Sample(
            files =>
            {
                LackedFiles lacked = new();
                foreach (ulong file in files)
                {
                    lacked.Add(file, 0);
                    Assert.True(lacked.Contains(file, 1));
                }

                Assert.InRange(files.Count(file => lacked.Contains(file, 1)), 200, 256);
                Assert.DoesNotContain(
                    files, file => !files.Contains(~file) && lacked.Contains(~file, 1));
            },
            iter: 50);
}
