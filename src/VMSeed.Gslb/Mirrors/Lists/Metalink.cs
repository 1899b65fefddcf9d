using System.Globalization;
using System.Xml;

namespace VMSeed.Gslb.Mirrors.Lists;

// A Metalink is fetched from whoever offers one, so the document is hostile: no DTD, no entity and
// no file beside it is ever looked at, and every count has a bound. What RFC 5854 demands of a
// value is demanded here; elements and attributes that it does not know are passed over, as it says
// (section 5).

/// <summary>Reads Metalink documents, version 4 (RFC 5854).</summary>
public static class Metalink
{
    /// <summary>Characters of a document.</summary>
    public const int MaxCharacters = 1024 * 1024;

    /// <summary>Files of a document; those beyond are an error.</summary>
    public const int MaxFiles = 100;

    /// <summary>Addresses of a file; those beyond are an error.</summary>
    public const int MaxAddresses = 1_000;

    private const string Space = "urn:ietf:params:xml:ns:metalink";
    private const int MaxText = 8 * 1024;
    private const int MaxHashes = 16;

    private static readonly XmlReaderSettings _settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxCharacters,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
        CloseInput = false,
    };

    /// <summary>Reads a document.</summary>
    /// <param name="document">Its bytes; the caller closes the stream.</param>
    /// <returns>The files that it describes.</returns>
    /// <exception cref="FormatException">It is no Metalink, breaks a rule of RFC 5854, or is larger
    /// than is read.</exception>
    public static IReadOnlyList<MetalinkFile> Read(Stream document)
    {
        ArgumentNullException.ThrowIfNull(document);
        using var reader = XmlReader.Create(document, _settings);
        try
        {
            reader.MoveToContent();
            if (reader.LocalName != "metalink" || reader.NamespaceURI != Space)
            {
                throw new FormatException(
                    $"The document's root is '{Shorten(reader.LocalName)}', no metalink of "
                    + "version 4 (RFC 5854).");
            }

            return ReadFiles(reader);
        }
        catch (XmlException fault)
        {
            throw new FormatException($"The Metalink cannot be read: {fault.Message}", fault);
        }
    }

    private static List<MetalinkFile> ReadFiles(XmlReader reader)
    {
        List<MetalinkFile> files = [];
        ForEachChild(reader, () =>
        {
            if (reader.LocalName != "file")
            {
                return;
            }

            Require(files.Count < MaxFiles, $"It describes more than {MaxFiles} files");
            files.Add(ReadFile(reader));
        });
        return files;
    }

    private static MetalinkFile ReadFile(XmlReader reader)
    {
        string name = reader.GetAttribute("name") ?? "";
        Require(IsName(name), $"A file's name is '{Shorten(name)}', which leads elsewhere");
        long? size = null;
        Dictionary<string, string> hashes = new(StringComparer.OrdinalIgnoreCase);
        List<Mirror> mirrors = [];
        int addresses = 0;
        ForEachChild(reader, () =>
        {
            switch (reader.LocalName)
            {
                case "size":
                    size = ReadSize(ReadText(reader));
                    break;
                case "hash" when reader.GetAttribute("type") is { } type:
                    Require(hashes.Count < MaxHashes, $"A file has more than {MaxHashes} hashes");
                    hashes[Shorten(type)] = ReadHash(ReadText(reader));
                    break;
                case "url":
                    Require(
                        ++addresses <= MaxAddresses,
                        $"A file has more than {MaxAddresses} addresses");
                    AddMirror(reader, mirrors);
                    break;
                default:
                    break;
            }
        });
        return new MetalinkFile(name)
        {
            Size = size,
            Hashes = hashes,
            Addresses = [.. mirrors.OrderBy(mirror => mirror.Priority ?? MirrorText.LastPriority)],
        };
    }

    private static void AddMirror(XmlReader reader, List<Mirror> mirrors)
    {
        int? priority = MirrorText.ReadPriority(reader.GetAttribute("priority"));
        string? location = MirrorText.ReadLocation(reader.GetAttribute("location"));
        if (MirrorText.TryReadAddress(ReadText(reader), out Uri? address))
        {
            mirrors.Add(new Mirror(address) { Priority = priority, Location = location });
        }
    }

    // Calls for each child element of ours, which may read it; what is left of it is skipped.
    private static void ForEachChild(XmlReader reader, Action visit)
    {
        if (reader.IsEmptyElement)
        {
            return;
        }

        int depth = reader.Depth + 1;
        while (reader.Read() && reader.Depth >= depth)
        {
            if (reader.NodeType == XmlNodeType.Element && reader.Depth == depth
                && reader.NamespaceURI == Space)
            {
                visit();
            }
        }
    }

    // The text of an element that has no other content; the reader ends on its last tag.
    private static string ReadText(XmlReader reader)
    {
        if (reader.IsEmptyElement)
        {
            return "";
        }

        string text = "";
        int depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            Require(
                reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA
                    or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace,
                "An element that has text only has another in it");
            text += reader.Value;
            Require(text.Length <= MaxText, $"A text is longer than {MaxText} characters");
        }

        return text.Trim();
    }

    private static long ReadSize(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw new FormatException($"A file's size is '{Shorten(text)}', no number of bytes.");

    private static string ReadHash(string text) =>
        text.Length is > 0 and <= 256 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit)
            ? text.ToLowerInvariant()
            : throw new FormatException($"A hash is '{Shorten(text)}', not hexadecimal.");

    // RFC 5854 section 4.1.2.1: a relative path that stays below where it is put.
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 1024
        && !name.StartsWith('/')
        && !name.AsSpan().ContainsAny('\\', ':')
        && !name.AsSpan().ContainsAnyInRange('\0', '\x1f')
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    private static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw new FormatException($"The Metalink is refused: {fault}.");
        }
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
