using System.Globalization;
using System.Net;

namespace VMSeed.Tool.Serving;

/// <summary>Where a server listens, as people write it: 8080, :8080, *:8080, 127.0.0.1:8080,
/// [::1]:8080.</summary>
internal static class ListenAddress
{
    public const string Expected =
        "HOST:PORT with an IP address, 'localhost' or '*', or a port alone";

    public static bool TryParse(string text, out IPEndPoint endPoint)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? string.Empty : text[..colon];
        bool valid = ushort.TryParse(
            text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port);
        IPAddress? address = host switch
        {
            "" or "localhost" => IPAddress.Loopback,
            "*" => IPAddress.IPv6Any,
            _ => IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : null,
        };
        endPoint = new IPEndPoint(address ?? IPAddress.None, port);
        return valid && address is not null;
    }
}
