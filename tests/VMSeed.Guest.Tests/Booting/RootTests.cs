using VMSeed.Guest.Booting.Roots;

namespace VMSeed.Guest.Tests.Booting;

/// <summary>What is decided of the image's root.</summary>
public sealed class RootTests
{
    [Theory]
    [InlineData("ext4", "ext4", "noload")]
    [InlineData("ext3", "ext4", "noload")]
    [InlineData("xfs", "xfs", "norecovery,nouuid")]
    [InlineData("btrfs", "btrfs", "rescue=nologreplay")]
    [InlineData("erofs", "erofs", null)]
    [InlineData("squashfs", "squashfs", null)]
    public void No_journal_is_replayed(string type, string driver, string? options) =>
        Assert.Equal((driver, options), RootOptions.Of(type));

    [Fact]
    public void A_live_image_names_the_root_in_it()
    {
        Assert.Equal(
            "live/filesystem.squashfs",
            RootOptions.FindLivePath("iso9660/squashfs:live/filesystem.squashfs"));
        Assert.Null(RootOptions.FindLivePath("squashfs"));
    }

    [Fact]
    public void Of_the_table_of_file_systems_nothing_is_insisted_on()
    {
        string adapted = FileTable.Adapt(
            "# mine\n/dev/vda1 / ext4 defaults 0 1\nUUID=1 /boot/efi vfat umask=77 0 1\n"
            + "UUID=2 none swap sw 0 0\n\n");
        Assert.Equal(
            [
                "# mine", "# /dev/vda1 / ext4 defaults 0 1",
                "UUID=1 /boot/efi vfat umask=77,nofail 0 0", "# UUID=2 none swap sw 0 0", "",
            ],
            adapted.Split('\n')[1..]);
    }

    [Fact]
    public void A_host_is_renamed_where_it_stands_by_itself() => Assert.Equal(
        "127.0.0.1 localhost\n127.0.1.1\tdebian-1f\tdebian-1f.lan\n# 127.0.1.1 guest\nguest x\n",
        HostTable.Rename(
            "127.0.0.1 localhost\n127.0.1.1 guest debian-1f.lan\n# 127.0.1.1 guest\nguest x\n",
            "guest",
            "debian-1f"));
}
