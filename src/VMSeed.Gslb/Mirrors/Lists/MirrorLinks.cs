namespace VMSeed.Gslb.Mirrors.Lists;

/// <summary>Reads mirrors out of the Link fields of an answer (RFC 6249 section 2; the grammar is
/// RFC 8288 section 3).</summary>
/// <remarks>A field looks like <c>&lt;https://mirror.example/f&gt;; rel=duplicate; pri=1;
/// geo=de</c>, and may hold several links with commas between. Links of other relations, and
/// parameters of other names, are passed over.</remarks>
public static class MirrorLinks
{
    /// <summary>Characters of all fields together.</summary>
    public const int MaxCharacters = 64 * 1024;

    private const int MaxLinks = 1_000;
    private const int MaxParameters = 32;

    /// <summary>Reads the fields.</summary>
    /// <param name="fields">The values of the Link fields.</param>
    /// <param name="baseAddress">What relative addresses are relative to: the address that
    /// answered.</param>
    /// <returns>The duplicates, those of the first priority first.</returns>
    /// <exception cref="FormatException">A field breaks the grammar, or there is more than is
    /// read.</exception>
    public static IReadOnlyList<Mirror> Parse(IEnumerable<string> fields, Uri baseAddress)
    {
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(baseAddress);
        List<Mirror> mirrors = [];
        int links = 0;
        int length = 0;
        foreach (string field in fields)
        {
            length += field.Length;
            if (length > MaxCharacters)
            {
                throw new FormatException(
                    $"The Link fields have more than {MaxCharacters} characters.");
            }

            LinkScanner scanner = new(field);
            while (scanner.MoveToLink())
            {
                if (++links > MaxLinks)
                {
                    throw new FormatException($"There are more than {MaxLinks} links.");
                }

                Mirror? mirror = ReadLink(scanner, baseAddress);
                if (mirror is not null)
                {
                    mirrors.Add(mirror);
                }
            }
        }

        return [.. mirrors.OrderBy(mirror => mirror.Priority ?? MirrorText.LastPriority)];
    }

    private static Mirror? ReadLink(LinkScanner scanner, Uri baseAddress)
    {
        string target = scanner.ReadTarget();
        string? relation = null;
        string? priority = null;
        string? location = null;
        for (int count = 0; scanner.MoveToParameter(); count++)
        {
            if (count == MaxParameters)
            {
                throw new FormatException($"A link has more than {MaxParameters} parameters.");
            }

            // Of a parameter that comes twice, the first counts (RFC 8288 section 3.3).
            (string name, string value) = scanner.ReadParameter();
            switch (name)
            {
                case "rel":
                    relation ??= value;
                    break;
                case "pri":
                    priority ??= value;
                    break;
                case "geo":
                    location ??= value;
                    break;
                default:
                    break;
            }
        }

        bool isDuplicate = (relation ?? "").Split(' ')
            .Contains("duplicate", StringComparer.OrdinalIgnoreCase);
        return isDuplicate
            && Uri.TryCreate(baseAddress, target, out Uri? address)
            && MirrorText.TryReadAddress(address.AbsoluteUri, out address)
            ? new Mirror(address)
            {
                Priority = MirrorText.ReadPriority(priority),
                Location = MirrorText.ReadLocation(location),
            }
            : null;
    }
}
