using System.Globalization;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>The bytes of one file that a request asked for.</summary>
internal readonly record struct ServedRange(string Path, long Start, long End)
{
    public long Length => End - Start;

    /// <summary>Of a line of the server's log: connection, status, bytes, range, path.</summary>
    public static ServedRange Of(string[] line)
    {
        const string unit = "bytes=";
        if (!line[3].StartsWith(unit, StringComparison.Ordinal))
        {
            return new(line[4], 0, Number(line[2]));
        }

        string[] ends = line[3][unit.Length..].Split('-');
        return new(line[4], Number(ends[0]), Number(ends[1]) + 1);
    }

    public bool Has(ServedRange other) =>
        Path == other.Path && Start <= other.Start && other.End <= End;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
