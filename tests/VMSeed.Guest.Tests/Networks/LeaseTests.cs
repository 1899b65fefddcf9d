using System.Net;
using VMSeed.Guest.Networks;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Tests.Networks;

/// <summary>What udhcpc hands to its script.</summary>
public sealed class LeaseTests
{
    [Fact]
    public void An_address_with_all_that_goes_with_it()
    {
        StaticNetwork lease = Lease.Parse(
            "interface=eth0\nip=10.0.2.15\nsubnet=255.255.255.0\nmask=20\n"
            + "router=10.0.2.2 10.0.2.9\ndns=10.0.2.3 10.0.2.4\nPATH=/bin\n")!;
        Assert.Equal(IPAddress.Parse("10.0.2.15"), lease.Address);
        Assert.Equal(20, lease.PrefixLength);
        Assert.Equal(IPAddress.Parse("10.0.2.2"), lease.Gateway);
        Assert.Equal(["10.0.2.3", "10.0.2.4"], lease.NameServers.Select(server => $"{server}"));
    }

    [Fact]
    public void A_network_without_a_way_out()
    {
        StaticNetwork lease = Lease.Parse("ip=192.168.7.2\nmask=99\nrouter=\n")!;
        Assert.Null(lease.Gateway);
        Assert.Equal(24, lease.PrefixLength);
        Assert.Empty(lease.NameServers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("interface=eth0\n")]
    [InlineData("ip=nowhere\n")]
    public void Nothing_granted(string environment) => Assert.Null(Lease.Parse(environment));
}
