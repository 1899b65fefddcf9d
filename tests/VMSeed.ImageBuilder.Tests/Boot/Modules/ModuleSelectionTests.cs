using System.Text;
using VMSeed.ImageBuilder.Boot.Modules;

namespace VMSeed.ImageBuilder.Tests.Boot.Modules;

/// <summary>What is chosen is what the drivers need, and the index is of that alone.</summary>
public sealed class ModuleSelectionTests
{
    [Fact]
    public void What_a_module_will_ask_for_comes_with_it()
    {
        ModuleSelection selection = Select(
            ["ext4"],
            dependencies: "fs/ext4.ko: fs/jbd2.ko\nfs/jbd2.ko:\ncrypto/crc32c_generic.ko:\na.ko:\n",
            aliases: "alias crypto-crc32c crc32c_generic\nalias x a\n",
            soft: "softdep jbd2 pre: crypto-crc32c\n");
        Assert.Equal(["crc32c_generic", "ext4", "jbd2"], selection.Files.Select(f => f.Name));
        Assert.Equal("crypto/crc32c_generic.ko:\nfs/ext4.ko: fs/jbd2.ko\nfs/jbd2.ko:\n",
            TextOf(selection, "modules.dep"));
        Assert.Equal("alias crypto-crc32c crc32c_generic\n", TextOf(selection, "modules.alias"));
        Assert.Equal("softdep jbd2 pre: crypto-crc32c\n", TextOf(selection, "modules.softdep"));
    }

    [Fact]
    public void Names_are_the_same_with_hyphens_and_underscores() => Assert.Equal(
        ["drivers/xen-blkfront.ko.xz"],
        Select(["xen_blkfront"], dependencies: "drivers/xen-blkfront.ko.xz:\n")
            .Files.Select(file => file.Path));

    [Fact]
    public void Files_are_named_in_the_index_as_they_are_unpacked() => Assert.Equal(
        "a.ko: b.ko\nb.ko:\n",
        TextOf(Select(["a"], dependencies: "a.ko.zst: b.ko.zst\nb.ko.zst:\n"), "modules.dep"));

    [Fact]
    public void Circles_end() => Assert.Equal(
        2,
        Select(
            ["a"],
            dependencies: "a.ko:\nb.ko:\n",
            soft: "softdep a post: b\nsoftdep b pre: a\n").Files.Count);

    [Fact]
    public void Neither_a_module_nor_built_in_is_unknown() => Assert.Equal(
        ["nvme"],
        Select(["nvme", "af_packet"], builtIn: "kernel/net/packet/af_packet.ko\n").Unknown);

    private static ModuleSelection Select(
        string[] wanted,
        string dependencies = "",
        string aliases = "",
        string soft = "",
        string builtIn = "") => new(
            new ModuleIndex(file => file switch
            {
                "modules.dep" => dependencies,
                "modules.alias" => aliases,
                "modules.softdep" => soft,
                _ => builtIn,
            }),
            wanted);

    private static string TextOf(ModuleSelection selection, string file) =>
        Encoding.UTF8.GetString(selection.WriteIndex().Single(text => text.File == file).Content);
}
