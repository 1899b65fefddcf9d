using System.Globalization;
using System.Text;

namespace VMSeed.Disks.Formats.Vmdk.Descriptor;

/// <summary>An extent as a descriptor names it.</summary>
/// <param name="Access">What may be done to it.</param>
/// <param name="Sectors">How long it is.</param>
/// <param name="Type">What it is, in capitals: FLAT, SPARSE, ZERO…</param>
/// <param name="FileName">Its file; null where it has none.</param>
/// <param name="FileSector">Where in the file it begins.</param>
internal sealed record VmdkExtentLine(
    VmdkAccess Access, long Sectors, string Type, string? FileName, long FileSector)
{
    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, a character a byte.</param>
    /// <returns>Null when it is no extent's.</returns>
    public static VmdkExtentLine? Parse(ReadOnlySpan<char> line)
    {
        if (ToAccess(Word(ref line)) is not { } access
            || !TryNumber(Word(ref line), out long sectors))
        {
            return null;
        }

        ReadOnlySpan<char> type = Word(ref line);
        string? name = Quoted(ref line);
        _ = TryNumber(Word(ref line), out long first);
        return type.IsEmpty
            ? null
            : new VmdkExtentLine(access, sectors, type.ToString().ToUpperInvariant(), name, first);
    }

    private static VmdkAccess? ToAccess(ReadOnlySpan<char> word)
    {
        const StringComparison Any = StringComparison.OrdinalIgnoreCase;
        return word.Equals("RW", Any) ? VmdkAccess.ReadWrite
            : word.Equals("RDONLY", Any) ? VmdkAccess.ReadOnly
            : word.Equals("NOACCESS", Any) ? VmdkAccess.None
            : null;
    }

    private static bool TryNumber(ReadOnlySpan<char> word, out long number) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> line)
    {
        line = line.TrimStart();
        int end = line.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = end < 0 ? line : line[..end];
        line = line[word.Length..];
        return word;
    }

    private static string? Quoted(ref ReadOnlySpan<char> line)
    {
        line = line.TrimStart();
        int end = line.StartsWith("\"") ? line[1..].IndexOf('"') : -1;
        if (end < 0)
        {
            return null;
        }

        byte[] bytes = Encoding.Latin1.GetBytes(line.Slice(1, end).ToString());
        line = line[(end + 2)..];
        return Encoding.UTF8.GetString(bytes);
    }
}
