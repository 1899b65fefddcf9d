using VMSeed.ImageBuilder.Boot.Kernels;
using VMSeed.Testing;
using VMSeed.Testing.Guests;

namespace VMSeed.ImageBuilder.Tests.Boot.Kernels;

/// <summary>What a kernel says of itself; a file that is none says nothing.</summary>
public sealed class KernelImageTests
{
    [Fact]
    public void The_release_is_read() => Assert.Equal(
        "6.1.0-56-amd64", KernelImage.Parse(GuestTree.Kernel("6.1.0-56-amd64")));

    [Theory]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData("6.1\n")]
    [InlineData("")]
    public void A_release_that_is_no_name_is_none(string release) =>
        Assert.Null(KernelImage.Parse(GuestTree.Kernel(release)));

    [Fact]
    public void A_kernel_that_ends_early_is_none()
    {
        byte[] kernel = GuestTree.Kernel("6.1.0");
        Assert.All([0, 0x205, 0x20F, 0x210, 0x3200, 0x3203], length => Assert.Null(
            KernelImage.Parse(kernel.AsSpan(0, length))));
    }

    [Fact]
    public void Noise_is_none()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            byte[] noise = Pattern.Random(40_000, seed);
            Assert.Null(KernelImage.Parse(noise));
            "HdrS"u8.CopyTo(noise.AsSpan(0x202));
            KernelImage.Parse(noise);
        }
    }
}
