using System.Globalization;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace VMSeed.Gslb.Networks;

/// <summary>Tells networks apart: a laptop at home and at work has different best
/// mirrors.</summary>
/// <remarks>
/// The name is a hash over each interface that has a way out: its kind, its gateways, the prefix
/// that it lies in, and the domain that the network gave. All of it can be asked for without
/// privilege on every platform, and is the same after each start. What would tell more (the
/// gateway's hardware address, the name of a wireless network) takes privilege or the platform's
/// own calls, or is not there yet when a machine has just started. So two homes with the same make
/// of router may be one network here. That costs little: what is remembered is a first guess, which
/// the first answer corrects. The hash keeps addresses out of the file; it is no secret.
/// </remarks>
internal static class NetworkName
{
    /// <summary>The name of every network that cannot be told.</summary>
    public const string Unknown = "unknown";

    // Of the hash: enough that two networks never meet, short enough to be read.
    private const int NameBytes = 8;

    // An interface's part of an IPv6 address changes by the day; the network's half stays.
    private const int PrefixOfIPv6 = 64;

    /// <summary>The network that this machine is in now.</summary>
    /// <returns>Its name; <see cref="Unknown"/> where the platform does not tell.</returns>
    public static string Find()
    {
        try
        {
            return Of(NetworkInterface.GetAllNetworkInterfaces().SelectMany(Describe));
        }
        catch (Exception e) when (e is NetworkInformationException or PlatformNotSupportedException
            or SocketException or IOException)
        {
            return Unknown;
        }
    }

    /// <summary>The name of a network with such ways out.</summary>
    /// <param name="ways">Each in a line of its own; in any order.</param>
    /// <returns>The name; <see cref="Unknown"/> without any.</returns>
    public static string Of(IEnumerable<string> ways)
    {
        string all = string.Join('\n', ways.Order(StringComparer.Ordinal).Distinct());
        return all.Length == 0
            ? Unknown
            : Convert.ToHexStringLower(
                SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, NameBytes));
    }

    // IPv4 first: IPv6 may be there a second later than the network is, and a name must not depend
    // on how soon it was asked for.
    private static IEnumerable<string> Describe(NetworkInterface port)
    {
        if (port.OperationalStatus != OperationalStatus.Up
            || port.NetworkInterfaceType == NetworkInterfaceType.Loopback)
        {
            return [];
        }

        IPInterfaceProperties facts = port.GetIPProperties();
        string[] ways = [.. Describe(port, facts, AddressFamily.InterNetwork)];
        return ways.Length > 0 ? ways : Describe(port, facts, AddressFamily.InterNetworkV6);
    }

    private static IEnumerable<string> Describe(
        NetworkInterface port, IPInterfaceProperties facts, AddressFamily family)
    {
        string prefixes = string.Join(' ', facts.UnicastAddresses
            .Where(one => one.Address.AddressFamily == family && !one.Address.IsIPv6LinkLocal)
            .Select(PrefixOf)
            .Order(StringComparer.Ordinal)
            .Distinct());
        return facts.GatewayAddresses
            .Select(gateway => gateway.Address)
            .Where(address => address.AddressFamily == family
                && address.GetAddressBytes().Any(part => part != 0))
            .Select(address => string.Create(
                CultureInfo.InvariantCulture,
                $"{port.NetworkInterfaceType} {Convert.ToHexString(address.GetAddressBytes())} "
                    + $"{prefixes} {facts.DnsSuffix}"));
    }

    private static string PrefixOf(UnicastIPAddressInformation one)
    {
        byte[] bytes = one.Address.GetAddressBytes();
        int length = one.Address.AddressFamily == AddressFamily.InterNetworkV6
            ? PrefixOfIPv6 : one.PrefixLength;
        for (int bit = Math.Max(length, 0); bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"{Convert.ToHexString(bytes)}/{length}");
    }
}
