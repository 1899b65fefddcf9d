using System.Globalization;

namespace VMSeed.Tool.Running.Machines;

/// <summary>A port of this machine that leads to one of the guest's.</summary>
/// <param name="HostPort">Listened at on the loopback address: nobody else is let in.</param>
/// <param name="GuestPort">Where the guest listens.</param>
internal sealed record PortForward(ushort HostPort, ushort GuestPort)
{
    public const string Expected = "HOSTPORT:GUESTPORT, as in 2222:22";

    public static PortForward? Parse(string text)
    {
        string[] ports = text.Split(':');
        return ports.Length == 2
            && TryParse(ports[0], out ushort host) && TryParse(ports[1], out ushort guest)
            ? new PortForward(host, guest)
            : null;
    }

    private static bool TryParse(string text, out ushort port) => ushort.TryParse(
        text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port != 0;
}
