namespace VMSeed.Guest.Booting.Roots;

/// <summary>The file /etc/hosts.</summary>
internal static class HostTable
{
    /// <summary>Gives a host another name, wherever the old one stands by itself.</summary>
    public static string Rename(string table, string old, string name) =>
        string.Join('\n', table.Split('\n').Select(line => RenameInLine(line, old, name)));

    private static string RenameInLine(string line, string old, string name)
    {
        string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> names = fields.Skip(1);
        return fields.Length < 2 || fields[0].StartsWith('#') || !names.Contains(old)
            ? line
            : string.Join('\t', names.Select(field => field == old ? name : field)
                .Prepend(fields[0]));
    }
}
