using System.Net;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Tests.Settings;

/// <summary>What the kernel's command line says.</summary>
public sealed class BootWordsTests
{
    [Fact]
    public void Reads_what_is_for_us()
    {
        BootWords words = BootWords.Parse(
            "BOOT_IMAGE=/x console=tty0 quiet vmseed.disk=5D1C0DE5-0000-4000-8000-00000000C0DE "
            + "vmseed.image=debian vmseed.mode=prefetch vmseed.proxy=http://proxy:3128 "
            + "vmseed.fault=x vmseed.kernel-of=7 init=/bin/sh\n");
        Assert.Equal(new Guid("5d1c0de5-0000-4000-8000-00000000c0de"), words.Disk);
        Assert.Equal("debian", words.Image);
        Assert.Equal(BootMode.Prefetch, words.Mode);
        Assert.Equal("http://proxy:3128", words.Proxy);
        Assert.Equal(
            BootWords.Parse("vmseed.image=debian"),
            BootWords.Parse("vmseed.fault=x vmseed.image=debian"));
        Assert.Equal(7, words.KernelOf);
        Assert.Equal("/bin/sh", words.Init);
    }

    [Fact]
    public void What_is_not_said_has_its_default() =>
        Assert.Equal(
            new BootWords(), BootWords.Parse("console=ttyS0 ro xvmseed.mode=clean mode=clean"));

    [Fact]
    public void The_last_word_holds()
    {
        BootWords words = BootWords.Parse(
            "vmseed.mode=clean vmseed.net=none vmseed.mode=reset vmseed.net=dhcp");
        Assert.Equal(BootMode.Reset, words.Mode);
        Assert.False(words.IsOffline);
    }

    [Fact]
    public void Quotes_keep_a_value_together() => Assert.Equal(
        ["a=b c", "d", "e=f"], BootWords.Split("  a=\"b c\"\td \"e=f\"\n"));

    [Fact]
    public void A_network_by_hand()
    {
        StaticNetwork network =
            BootWords.Parse("vmseed.net=10.1.2.3/16,10.1.0.1,10.1.0.2,10.1.0.3").Network!;
        Assert.Equal(IPAddress.Parse("10.1.2.3"), network.Address);
        Assert.Equal(16, network.PrefixLength);
        Assert.Equal(IPAddress.Parse("10.1.0.1"), network.Gateway);
        Assert.Equal(["10.1.0.2", "10.1.0.3"], network.NameServers.Select(x => $"{x}"));
    }

    [Theory]
    [InlineData("fd00::5/64,fd00::1")]
    [InlineData("10.0.0.1/8,,10.0.0.2")]
    [InlineData("10.0.0.1/8")]
    public void Parts_of_a_network_may_be_missing(string text) =>
        Assert.NotNull(BootWords.Parse($"vmseed.net={text}").Network);

    [Theory]
    [InlineData("vmseed.mode=fast")]
    [InlineData("vmseed.mode=7")]
    [InlineData("vmseed.disk=sda")]
    [InlineData("vmseed.net=")]
    [InlineData("vmseed.net=10.0.0.1")]
    [InlineData("vmseed.net=10.0.0.1/33")]
    [InlineData("vmseed.net=10.0.0.1/-1")]
    [InlineData("vmseed.net=10.0.0.1/8,gateway")]
    [InlineData("vmseed.net=10.0.0.1/8,10.0.0.2,dns")]
    [InlineData("vmseed.kernel-of=new")]
    public void What_cannot_be_understood_is_named(string word)
    {
        FormatException fault =
            Assert.Throws<FormatException>(() => BootWords.Parse($"a {word} b"));
        Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
    }
}
