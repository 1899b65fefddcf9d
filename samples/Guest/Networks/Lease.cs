using System.Net;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Networks;

/// <summary>Reads what a DHCP server has granted, as udhcpc hands it to its script.</summary>
internal static class Lease
{
    private const int DefaultPrefix = 24;

    /// <summary>Reads a lease.</summary>
    /// <param name="environment">The script's environment, a line a variable.</param>
    /// <returns>Null where it grants no address.</returns>
    public static StaticNetwork? Parse(string environment)
    {
        Dictionary<string, string> values = [];
        foreach (string line in environment.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) { values[line[..equals]] = line[(equals + 1)..].Trim(); }
        }

        return IPAddress.TryParse(values.GetValueOrDefault("ip"), out IPAddress? address)
            ? new StaticNetwork(
                address,
                int.TryParse(values.GetValueOrDefault("mask"), out int prefix)
                    && prefix is > 0 and <= 32 ? prefix : DefaultPrefix,
                ParseAll(values.GetValueOrDefault("router")).FirstOrDefault(),
                [.. ParseAll(values.GetValueOrDefault("dns"))])
            : null;
    }

    private static IEnumerable<IPAddress> ParseAll(string? text) =>
        (text ?? "").Split(' ')
            .Select(part => IPAddress.TryParse(part, out IPAddress? address) ? address : null)
            .OfType<IPAddress>();
}
