using System.Net;
using System.Net.Sockets;

namespace VMSeed.Nbd;

/// <summary>Addresses of exports as clients take them (the NBD project's doc/uri.md).</summary>
internal static class NbdAddress
{
    private const int DefaultPort = 10809;

    public static string Format(EndPoint endPoint, string export, bool encrypted)
    {
        string scheme = encrypted ? "nbds" : "nbd";
        string name = Uri.EscapeDataString(export);
        return endPoint switch
        {
            UnixDomainSocketEndPoint path =>
                $"{scheme}+unix:///{name}?socket={Escape(path.ToString())}",
            IPEndPoint ip => $"{scheme}://{HostOf(ip)}{PortOf(ip)}/{name}".TrimEnd('/'),
            _ => throw new ArgumentException($"{endPoint} is no address of NBD."),
        };
    }

    // A path stays a path to the eye.
    private static string Escape(string path) =>
        Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal);

    private static string HostOf(IPEndPoint ip) =>
        ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any) ? "localhost"
        : ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{ip.Address}]"
        : ip.Address.ToString();

    private static string PortOf(IPEndPoint ip) =>
        ip.Port == DefaultPort ? string.Empty : $":{ip.Port}";
}
