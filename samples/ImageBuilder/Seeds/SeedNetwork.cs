using System.Globalization;
using System.Net;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>How a guest comes by its network (docs/SEED-DISK.md, section 4).</summary>
public static class SeedNetwork
{
    /// <summary>By asking on every wired interface.</summary>
    public const string Dhcp = "dhcp";

    /// <summary>Not at all.</summary>
    public const string None = "none";

    /// <summary>Looks for what is wrong with a setting.</summary>
    /// <param name="text">The setting.</param>
    /// <returns>A sentence; null where nothing is wrong.</returns>
    public static string? FindFault(string text)
    {
        if (text is Dhcp or None)
        {
            return null;
        }

        string[] parts = text.Split(',');
        bool isRight = IsMachine(parts[0])
            && (parts.Length < 2 || parts[1].Length == 0 || IsAddress(parts[1]))
            && parts.Skip(2).All(IsAddress);
        return isRight
            ? null
            : $"The network is '{text}'; it must be {Dhcp}, {None}, or "
                + "ADDRESS/PREFIX,GATEWAY,DNS[,DNS].";
    }

    private static bool IsAddress(string text) => IPAddress.TryParse(text, out _);

    // IPNetwork.TryParse wants the network's own address; here it is a machine's.
    private static bool IsMachine(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2
            && IPAddress.TryParse(parts[0], out IPAddress? address)
            && int.TryParse(
                parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
            && prefix <= 8 * address.GetAddressBytes().Length;
    }
}
