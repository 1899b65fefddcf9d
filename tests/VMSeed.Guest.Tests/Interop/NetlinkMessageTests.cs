using VMSeed.Guest.Interop;

namespace VMSeed.Guest.Tests.Interop;

/// <summary>Requests as the kernel wants them, byte for byte.</summary>
public sealed class NetlinkMessageTests
{
    [Fact]
    public void Attributes_are_padded_and_nested()
    {
        byte[] message = new NetlinkMessage(0x1234, 7)
            .Add(2, "nbd")
            .Add(1, 5u)
            .AddNested(3, inner => inner.Add(4, "ab"))
            .ToBytes();
        Assert.Equal(
            "30000000" + "3412" + "0500" + "00000000" + "00000000" + "07010000"
            + "08000200" + "6E626400"
            + "08000100" + "05000000"
            + "0C000380" + "07000400" + "61620000",
            Convert.ToHexString(message));
    }

    [Fact]
    public void A_family_that_the_kernel_does_not_have_is_an_error_that_says_so()
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle netlink = SocketCalls.OpenNetlink();
        SocketCalls.Send(netlink, new NetlinkMessage(0x10, 3).Add(2, "vmseed-none").ToBytes());
        byte[] answer = new byte[4096];
        int count = SocketCalls.Receive(netlink, answer);
        Assert.True(count >= NetlinkMessage.HeaderSize);
        Assert.Equal(2, BitConverter.ToUInt16(answer, 4));
        Assert.Equal(-2, BitConverter.ToInt32(answer, 16));
    }
}
