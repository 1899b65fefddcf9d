namespace VMSeed.Guest.Booting.Roots;

/// <summary>The image's /etc/fstab, as it holds on a disk that cannot be written.</summary>
internal static class FileTable
{
    private const string Mark = "# By VMSeed, from the image's: its root is mounted already, its "
        + "other file systems lie on a disk that is only read.";

    /// <summary>Adapts a table: the root is left out, nothing else is checked or insisted
    /// on.</summary>
    public static string Adapt(string table) => string.Join(
        '\n', [Mark, .. table.TrimEnd('\n').Split('\n').Select(AdaptLine)]) + "\n";

    private static string AdaptLine(string line)
    {
        string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 4 || fields[0].StartsWith('#')) { return line; }

        return fields[1] == "/" || fields[2] == "swap"
            ? "# " + line
            : $"{fields[0]} {fields[1]} {fields[2]} {fields[3]},nofail 0 0";
    }
}
