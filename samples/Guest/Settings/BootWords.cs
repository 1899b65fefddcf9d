using System.Text;

namespace VMSeed.Guest.Settings;

/// <summary>What the kernel's command line says to the guest client (docs/SEED-DISK.md, section
/// 4).</summary>
internal sealed record BootWords
{
    private const string Prefix = "vmseed.";

    /// <summary>The seed disk's GUID; null where the command line names none.</summary>
    public Guid? Disk { get; init; }

    /// <summary>The image's name; null for the first of the seed.</summary>
    public string? Image { get; init; }

    public BootMode Mode { get; init; }

    /// <summary>How the network is set up; null for DHCP.</summary>
    public StaticNetwork? Network { get; init; }

    public bool IsOffline { get; init; }

    public string? Proxy { get; init; }

    /// <summary>The version whose kernel this is, where it was not GRUB that loaded it.</summary>
    public long? KernelOf { get; init; }

    /// <summary>The program that the image is to start with; null for the usual.</summary>
    public string? Init { get; init; }

    /// <summary>Reads a command line. What is not for us is passed over; of what is said twice the
    /// last holds, as with the kernel's own words.</summary>
    /// <exception cref="FormatException">Something that is for us cannot be understood.</exception>
    public static BootWords Parse(string line)
    {
        BootWords words = new();
        foreach (string word in Split(line))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) { continue; }

            string value = word[(equals + 1)..];
            words = word[..equals] is "init" ? words with { Init = value }
                : word.StartsWith(Prefix, StringComparison.Ordinal)
                    ? words.With(word[Prefix.Length..equals], value)
                : words;
        }

        return words;
    }

    // As the kernel does: quotes keep blanks together, and are taken off.
    internal static IEnumerable<string> Split(string line)
    {
        StringBuilder word = new();
        bool isQuoted = false;
        foreach (char c in line)
        {
            if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (isQuoted || !char.IsWhiteSpace(c))
            {
                word.Append(c);
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }

        if (word.Length > 0) { yield return word.ToString(); }
    }

    private BootWords With(string name, string value) => name switch
    {
        "disk" => this with { Disk = ParseGuid(value) },
        "image" => this with { Image = value },
        "mode" => this with { Mode = ParseMode(value) },
        "net" => value switch
        {
            "dhcp" => this with { Network = null, IsOffline = false },
            "none" => this with { Network = null, IsOffline = true },
            _ => this with { Network = StaticNetwork.Parse(value), IsOffline = false },
        },
        "proxy" => this with { Proxy = value.Length > 0 ? value : null },
        "kernel-of" => this with { KernelOf = ParseVersion(value) },
        _ => this,
    };

    private static Guid ParseGuid(string value) =>
        Guid.TryParse(value, out Guid disk) ? disk : throw Wrong("disk", value, "a GUID");

    private static long ParseVersion(string value) =>
        long.TryParse(value, out long version) ? version
            : throw Wrong("kernel-of", value, "a version");

    private static BootMode ParseMode(string value) =>
        Enum.GetValues<BootMode>().Cast<BootMode?>().FirstOrDefault(mode =>
            mode.ToString()!.Equals(value, StringComparison.OrdinalIgnoreCase))
        ?? throw Wrong(
            "mode", value, "one of boot, clean, reset, prefetch, memory and update");

    private static FormatException Wrong(string name, string value, string right) =>
        new($"The kernel's command line says {Prefix}{name}={value}, which is not {right}.");
}
