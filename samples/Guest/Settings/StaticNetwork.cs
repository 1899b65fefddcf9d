using System.Net;
using System.Net.Sockets;

namespace VMSeed.Guest.Settings;

/// <summary>A network that is set up by hand.</summary>
/// <param name="Address">The machine's address.</param>
/// <param name="PrefixLength">How many bits of it are the network's.</param>
/// <param name="Gateway">The way out; null for none.</param>
/// <param name="NameServers">Who resolves names.</param>
internal sealed record StaticNetwork(
    IPAddress Address, int PrefixLength, IPAddress? Gateway, IReadOnlyList<IPAddress> NameServers)
{
    /// <summary>Reads <c>ADDRESS/PREFIX,GATEWAY,DNS[,DNS]</c>; gateway and name servers may be
    /// missing from the end, and the gateway empty.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static StaticNetwork Parse(string text)
    {
        string[] parts = text.Split(',');
        return IPNetworkOf(parts[0], out IPAddress address, out int prefix)
            ? new StaticNetwork(
                address,
                prefix,
                parts.Length > 1 && parts[1].Length > 0 ? ParseAddress(parts[1], text) : null,
                [.. parts.Skip(2).Select(part => ParseAddress(part, text))])
            : throw Wrong(text);
    }

    private static bool IPNetworkOf(string text, out IPAddress address, out int prefix)
    {
        address = IPAddress.None;
        prefix = 0;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || !IPAddress.TryParse(text[..slash], out IPAddress? parsed)
            || !int.TryParse(text[(slash + 1)..], out prefix))
        {
            return false;
        }

        address = parsed;
        return prefix >= 0
            && prefix <= (parsed.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    private static IPAddress ParseAddress(string text, string whole) =>
        IPAddress.TryParse(text, out IPAddress? address) ? address : throw Wrong(whole);

    private static FormatException Wrong(string text) => new(
        $"The kernel's command line says vmseed.net={text}, which is not dhcp, none or "
        + "ADDRESS/PREFIX,GATEWAY,DNS, such as 192.168.1.5/24,192.168.1.1,192.168.1.1.");
}
