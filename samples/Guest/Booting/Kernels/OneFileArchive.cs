using System.Globalization;
using System.Text;

namespace VMSeed.Guest.Booting.Kernels;

/// <summary>A cpio archive of one file, as the kernel unpacks it over what came before ("newc";
/// Documentation/driver-api/early-userspace/buffer-format.rst of the kernel).</summary>
internal static class OneFileArchive
{
    // An archive behind another one is taken for one only at such a place.
    private const int Alignment = 4;
    private const int RegularFile = 0x81A4; // 0100644

    /// <summary>Writes zeros up to where an archive may begin.</summary>
    public static void Align(Stream output)
    {
        while (output.Position % Alignment != 0) { output.WriteByte(0); }
    }

    /// <summary>Writes the archive.</summary>
    /// <param name="output">Where to; aligned.</param>
    /// <param name="path">The file's path; its folder is there already.</param>
    /// <param name="content">Its bytes.</param>
    public static void Write(Stream output, string path, ReadOnlySpan<byte> content)
    {
        WriteEntry(output, path.TrimStart('/'), RegularFile, content);
        WriteEntry(output, "TRAILER!!!", 0, []);
    }

    private static void WriteEntry(
        Stream output, string path, int mode, ReadOnlySpan<byte> content)
    {
        // Magic; inode, mode, user, group, links, time, size, four of devices, length of the name
        // with its zero, and a checksum that is none.
        int[] fields =
        [
            1, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0,
            Encoding.UTF8.GetByteCount(path) + 1, 0,
        ];
        StringBuilder header = new("070701");
        foreach (int field in fields)
        {
            header.Append(field.ToString("x8", CultureInfo.InvariantCulture));
        }

        output.Write(Encoding.UTF8.GetBytes($"{header}{path}\0"));
        Align(output);
        output.Write(content);
        Align(output);
    }
}
