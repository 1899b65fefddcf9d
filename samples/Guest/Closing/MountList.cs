using System.Text;

namespace VMSeed.Guest.Closing;

/// <summary>The kernel's list of mounts (proc_pid_mountinfo(5)).</summary>
internal static class MountList
{
    private const int FolderField = 4;

    // A blank and the like, as a backslash and three octal digits.
    private const int EscapeLength = 4;

    /// <summary>Reads where things are mounted, in the order in which they were.</summary>
    public static IReadOnlyList<string> Parse(string table) =>
        [.. table.Split('\n')
            .Select(line => line.Split(' '))
            .Where(fields => fields.Length > FolderField)
            .Select(fields => Unescape(fields[FolderField]))];

    private static string Unescape(string folder)
    {
        StringBuilder plain = new();
        for (int i = 0; i < folder.Length; i++)
        {
            if (folder[i] == '\\' && i + EscapeLength <= folder.Length)
            {
                plain.Append((char)Convert.ToInt32(folder[(i + 1)..(i + EscapeLength)], 8));
                i += EscapeLength - 1;
            }
            else
            {
                plain.Append(folder[i]);
            }
        }

        return plain.ToString();
    }
}
