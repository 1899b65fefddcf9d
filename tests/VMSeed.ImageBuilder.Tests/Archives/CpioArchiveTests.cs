using System.Text;
using CsCheck;
using VMSeed.ImageBuilder.Archives;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Archives;

/// <summary>What the archive writes is what cpio(1) unpacks.</summary>
public sealed class CpioArchiveTests
{
    [Fact]
    public async Task Cpio_lists_what_was_added()
    {
        CpioArchive archive = new();
        archive.AddFile("lib/modules/6.1/kernel/a.ko", Pattern.Random(5000, seed: 1));
        archive.AddFile("init", "#!/bin/sh\n"u8.ToArray(), executable: true);
        archive.AddLink("bin", "usr/bin");
        archive.AddFolder("proc");
        using TempFolder folder = new();
        string file = folder.Write("archive.cpio", Bytes(archive));
        string list = await PeerProgram.OutputAsync(
            "cpio", "-itv", "--numeric-uid-gid", "--quiet", "-F", file);
        string[] lines = list.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(8, lines.Length);
        Assert.All(lines, line => Assert.Equal(["1", "0", "0"], line.Split(
            ' ', StringSplitOptions.RemoveEmptyEntries)[1..4]));
        Assert.Contains("bin -> usr/bin", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("lrwxrwxrwx", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("-rwxr-xr-x", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("drwxr-xr-x", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("lib/modules/6.1/kernel/a.ko", lines[6], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cpio_unpacks_every_length()
    {
        using TempFolder folder = new();
        CpioArchive archive = new();
        for (int length = 0; length < 9; length++)
        {
            archive.AddFile($"{new string('x', length + 1)}/{length}",
                Pattern.Random(length, seed: 2));
        }

        folder.Write("archive.cpio", Bytes(archive));
        await PeerProgram.OutputAsync(
            "cpio", "-id", "--quiet", "-D", folder.Root, "-F", folder["archive.cpio"]);
        for (int length = 0; length < 9; length++)
        {
            Assert.Equal(
                Pattern.Random(length, seed: 2),
                await File.ReadAllBytesAsync(
                    folder[$"{new string('x', length + 1)}/{length}"],
                    TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void The_order_of_adding_does_not_matter() =>
        Gen.Int[1, 200].Array[1, 20].Select(Gen.Int, (numbers, seed) => (numbers, seed)).Sample(
            input =>
            {
                int[] once = [.. input.numbers.Distinct()];
                int[] shuffled = [.. once];
                new Random(input.seed).Shuffle(shuffled);
                Assert.Equal(Bytes(Of(once)), Bytes(Of(shuffled)));
            },
            iter: 100);

    [Theory]
    [InlineData("")]
    [InlineData("/init")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("a/")]
    [InlineData("a\0b")]
    public void Paths_that_lead_elsewhere_are_refused(string path) =>
        Assert.Throws<ArgumentException>(() => new CpioArchive().AddFile(path, default));

    [Fact]
    public void One_path_has_one_thing()
    {
        CpioArchive archive = new();
        archive.AddFile("a", default);
        Assert.Throws<ArgumentException>(() => archive.AddFile("a", default));
        Assert.Throws<ArgumentException>(() => archive.AddFile("a/b", default));
    }

    private static CpioArchive Of(int[] numbers)
    {
        CpioArchive archive = new();
        foreach (int number in numbers)
        {
            archive.AddFile(
                $"{number % 7}/{number}", Encoding.ASCII.GetBytes($"{number}"), number % 2 == 0);
        }

        return archive;
    }

    private static byte[] Bytes(CpioArchive archive)
    {
        using MemoryStream output = new();
        archive.WriteTo(output);
        return output.ToArray();
    }
}
