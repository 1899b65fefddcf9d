using VMSeed.Blocks;
using VMSeed.Testing.Peers;
using Xunit;

namespace VMSeed.Testing.Samples;

/// <summary>A real image: where it is, and what it holds.</summary>
/// <param name="Name">Its path in the folder of samples, without <c>.xz</c>.</param>
/// <param name="Format">QEMU's name of its format.</param>
/// <param name="Length">Bytes of the disk.</param>
/// <param name="Sha256">Digest of all bytes of the disk.</param>
/// <param name="PagesSha256">Digest of the pages that are not zero; see <see
/// cref="DiskDigest"/>.</param>
/// <param name="Extents">The other files that it refers to.</param>
public sealed record SampleImage(
    string Name,
    string Format,
    long Length,
    string Sha256,
    string PagesSha256,
    params string[] Extents)
{
    // 64 MiB are hashed in a fifth of a second; the default stage leaves it at that.
    private const long Short = 64 << 20;

    private const string Variable = "VMSEED_SAMPLES";

    /// <summary>Unpacks the image, and what it refers to, into a folder.</summary>
    /// <returns>The image's path. The test is skipped where there are no samples.</returns>
    public async Task<string> UnpackAsync(TempFolder folder)
    {
        string? samples = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipWhen(
            string.IsNullOrEmpty(samples),
            $"{Variable} is not set: it names the folder with the real disk images.");
        foreach (string name in Extents.Prepend(Name))
        {
            // xz makes holes of zeros, but only beside the file that it unpacks.
            string packed = folder[Path.GetFileName(name) + ".xz"];
            File.Copy(Path.Combine(samples!, name + ".xz"), packed);
            await PeerProgram.OutputAsync("xz", "-d", "-q", packed);
        }

        return folder[Path.GetFileName(Name)];
    }

    /// <summary>Fails unless a device is this disk: by all its bytes where they are few, by its
    /// length and its pages otherwise.</summary>
    /// <param name="disk">The device.</param>
    /// <param name="whole">Whether to hash the zeros of a long one too; for the long stage.</param>
    public async Task AssertHoldsAsync(BlockDevice disk, bool whole = false)
    {
        Assert.Equal(Length, disk.Length);
        Assert.Equal(PagesSha256, await DiskDigest.PagesAsync(disk));
        if (whole || Length <= Short)
        {
            Assert.Equal(Sha256, await DiskDigest.WholeAsync(disk));
        }
    }
}
