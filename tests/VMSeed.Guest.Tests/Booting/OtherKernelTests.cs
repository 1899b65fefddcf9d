using VMSeed.Guest.Booting.Kernels;
using VMSeed.Guest.Settings;
using VMSeed.Guest.Storage;
using VMSeed.Testing;

namespace VMSeed.Guest.Tests.Booting;

/// <summary>When another kernel is gone on with, and what it is given.</summary>
public sealed class OtherKernelTests
{
    [Theory]
    [InlineData("ab", "AB", false)]
    [InlineData("ab", "cd", true)]
    [InlineData(null, "cd", false)]
    [InlineData("ab", null, false)]
    public void Only_where_the_version_has_another(string? seeds, string? versions, bool expected)
    {
        SeedImage image = new()
        {
            Name = "debian",
            Url = new Uri("http://host/images/debian.vmseed"),
            Keys = [],
            Version = 1,
            Kernel = seeds,
            Head = [],
        };
        StorageStatus status = new() { Phase = StoragePhase.Ready, Kernel = versions };
        Assert.Equal(expected, OtherKernel.IsNeeded(image, status));
    }

    [Fact]
    public void The_words_stay_and_say_whose_kernel_it_is() => Assert.Equal(
        "quiet vmseed.mode=boot vmseed.kernel-of=8",
        OtherKernel.WordsFor("quiet  vmseed.kernel-of=7 vmseed.mode=boot\n", 8));

    [Fact]
    public async Task An_archive_of_one_file_is_what_cpio_unpacks()
    {
        Need.Tool("cpio");
        using TempFolder folder = new();
        byte[] content = [.. "not a multiple of four"u8, 0, 255];
        using (FileStream output = File.Create(folder["archive"]))
        {
            OneFileArchive.Write(output, SeedFile.Path, content);
            Assert.Equal(0, output.Position % 4);
        }

        using System.Diagnostics.Process cpio = System.Diagnostics.Process.Start(
            "sh", ["-c", $"cd {folder.Root} && cpio -id --quiet <archive"]);
        await cpio.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, cpio.ExitCode);
        Assert.Equal(content, await File.ReadAllBytesAsync(
            folder["etc/vmseed/seed.json"], TestContext.Current.CancellationToken));
    }
}
