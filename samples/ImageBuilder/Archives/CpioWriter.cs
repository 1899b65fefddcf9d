using System.Globalization;
using System.Text;

namespace VMSeed.ImageBuilder.Archives;

/// <summary>Writes entries one behind the other.</summary>
internal sealed class CpioWriter(Stream output)
{
    private const string Magic = "070701";
    private const string Trailer = "TRAILER!!!";

    // Headers and contents begin at multiples of it.
    private const int Alignment = 4;

    private long _length;

    // Names of files with several links only; ours have one, but the number tells them apart.
    private uint _number;

    /// <summary>Writes an entry.</summary>
    public void Write(string path, CpioEntry entry) => Write(path, entry, ++_number);

    /// <summary>Writes the entry that ends an archive.</summary>
    public void End() => Write(Trailer, default, number: 0);

    private void Write(string path, CpioEntry entry, uint number)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        uint[] fields =
        [
            number, (uint)entry.Mode,
            0, 0,                                   // owner, group
            1,                                      // links
            0,                                      // time of the last change
            (uint)entry.Content.Length,
            0, 0, 0, 0,                             // devices: of the file, of a device node
            (uint)name.Length,
            0,                                      // checksum, which another kind has
        ];
        string header = Magic + string.Concat(
            fields.Select(field => field.ToString("X8", CultureInfo.InvariantCulture)));
        Put(Encoding.ASCII.GetBytes(header));
        Put(name);
        Align();
        Put(entry.Content.Span);
        Align();
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _length += bytes.Length;
    }

    private void Align() => Put(stackalloc byte[(int)(-_length & (Alignment - 1))]);
}
