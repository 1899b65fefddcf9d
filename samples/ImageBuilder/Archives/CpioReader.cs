using System.Globalization;
using System.Text;

namespace VMSeed.ImageBuilder.Archives;

/// <summary>Looks into an archive of the "newc" kind, of which every field may be
/// wrong.</summary>
internal static class CpioReader
{
    private const int HeaderSize = 110;
    private const int SizeOffset = 54;
    private const int NameSizeOffset = 94;

    /// <summary>Finds a file.</summary>
    /// <param name="archive">The archive, not compressed.</param>
    /// <param name="path">The file's path in it.</param>
    /// <exception cref="InvalidDataException">There is none, or it is no archive.</exception>
    public static ReadOnlyMemory<byte> Find(ReadOnlyMemory<byte> archive, string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        for (int at = 0; archive.Length - at >= HeaderSize;)
        {
            ReadOnlySpan<byte> header = archive.Span.Slice(at, HeaderSize);
            if (!header.StartsWith("070701"u8))
            {
                break;
            }

            long nameLength = Number(header, NameSizeOffset);
            long length = Number(header, SizeOffset);
            long content = Align(at + HeaderSize + nameLength);
            long end = content + length;
            if (nameLength < 1 || end > archive.Length)
            {
                break;
            }

            if (archive.Span.Slice(at + HeaderSize, (int)nameLength - 1).SequenceEqual(name))
            {
                return archive.Slice((int)content, (int)length);
            }

            at = (int)Math.Min(Align(end), archive.Length);
        }

        throw new InvalidDataException($"The archive holds no {path}.");
    }

    private static long Align(long offset) => (offset + 3) & ~3L;

    private static long Number(ReadOnlySpan<byte> header, int offset) =>
        uint.TryParse(
            header.Slice(offset, 8),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out uint number)
            ? number
            : throw new InvalidDataException("The archive has a field that is no number.");
}
