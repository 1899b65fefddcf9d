using System.Text.RegularExpressions;
using VMSeed.ImageBuilder.Boot.Modules;

namespace VMSeed.ImageBuilder.Tests.Boot.Modules;

/// <summary>The list that drivers are chosen by is the one that the documents have.</summary>
public sealed partial class DriverListTests
{
    [Fact]
    public void It_is_that_of_the_documents()
    {
        using StreamReader page = new(
            typeof(DriverListTests).Assembly.GetManifestResourceStream("SEED-DISK.md")!);
        string section = page.ReadToEnd().Split("\n## 6.")[1].Split("\n## ")[0];
        IEnumerable<string> names = InTicks().Matches(section)
            .SelectMany(match => match.Groups[1].Value.Split(
                (char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            .Where(name => name is not ("vmseed" or "pack"));
        Assert.Equal(names.Order(), DriverList.Names.Order());
    }

    [Theory]
    [InlineData("ext4", "ext4", "xfs btrfs erofs squashfs isofs")]
    [InlineData("xfs", "ext4 xfs", "btrfs erofs squashfs isofs")]
    [InlineData("iso9660/squashfs:live/xfs.img", "ext4 isofs squashfs loop", "xfs btrfs erofs")]
    public void Of_file_systems_only_those_of_the_root_come_along(
        string root, string there, string missing)
    {
        IReadOnlyList<string> names = DriverList.For(root);
        Assert.Empty(there.Split(' ').Except(names));
        Assert.Empty(missing.Split(' ').Intersect(names));
        Assert.Contains("virtio_blk", names);
    }

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex InTicks();
}
