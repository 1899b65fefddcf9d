namespace VMSeed.Testing.Servers;

/// <summary>A request as a <see cref="FaultServer"/> saw it.</summary>
/// <param name="Path">The file, without a leading slash, query or escapes.</param>
/// <param name="From">The first byte asked for, -1 without a Range field of one part with both its
/// ends.</param>
/// <param name="To">The last byte asked for, -1 likewise.</param>
/// <param name="Connection">The connection's number, from 1 in order of arrival.</param>
/// <param name="Target">The request's target as sent, query included.</param>
/// <param name="Headers">Its fields; names in any case.</param>
public sealed record ServedRequest(
    string Path,
    long From,
    long To,
    int Connection,
    string Target,
    IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Whether a range was asked for.</summary>
    public bool IsRanged => From >= 0;

    /// <summary>How many bytes were asked for, -1 for all.</summary>
    public long Length => IsRanged ? To - From + 1 : -1;

    /// <summary>Reads a request's head.</summary>
    internal static ServedRequest Parse(string head, int connection)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string target = lines[0].Split(' ')[1];
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':');
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        (long from, long to) = (-1, -1);
        if (headers.TryGetValue("Range", out string? range))
        {
            string[] ends = range[(range.IndexOf('=') + 1)..].Split('-');
            bool isOne = ends.Length == 2
                && long.TryParse(ends[0], out from)
                && long.TryParse(ends[1], out to);
            (from, to) = isOne ? (from, to) : (-1, -1);
        }

        string path = Uri.UnescapeDataString(target.Split('?')[0]).TrimStart('/');
        return new ServedRequest(path, from, to, connection, target, headers);
    }
}
