using System.Globalization;
using System.Text;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Archives;

/// <summary>What an extended header says of the file behind it.</summary>
internal sealed record PaxRecords
{
    public string? Name { get; init; }

    /// <summary>Bytes in the archive, for files of 8 GiB and more.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes with the holes.</summary>
    public long? RealSize { get; init; }

    /// <summary>Whether a map in GNU's version 1.0 stands before the data.</summary>
    public bool IsSparse { get; init; }

    /// <summary>Reads records: a length in digits, a space, a key, '=', a value and a new
    /// line.</summary>
    public static PaxRecords Parse(ReadOnlySpan<byte> bytes)
    {
        PaxRecords records = new();
        while (!bytes.IsEmpty)
        {
            int space = bytes.IndexOf((byte)' ');
            bool isRecord = space > 0
                && int.TryParse(bytes[..space], CultureInfo.InvariantCulture, out int length)
                && length > space + 1 && length <= bytes.Length;
            if (!isRecord)
            {
                throw DiskFormatException.Corrupt(
                    "An extended header of the archive has a record without its length.");
            }

            int end = int.Parse(bytes[..space], CultureInfo.InvariantCulture);
            records = records.With(Encoding.UTF8.GetString(bytes[(space + 1)..(end - 1)]));
            bytes = bytes[end..];
        }

        return records;
    }

    private PaxRecords With(string record)
    {
        int equals = record.IndexOf('=', StringComparison.Ordinal);
        string value = record[(equals + 1)..];
        return record[..Math.Max(0, equals)] switch
        {
            "path" => this with { Name = Name ?? value },
            "GNU.sparse.name" => this with { Name = value },
            "size" => this with { Size = Number(value) },
            "GNU.sparse.realsize" => this with { RealSize = Number(value) },
            "GNU.sparse.major" when value == "1" => this with { IsSparse = true },
            "GNU.sparse.major" or "GNU.sparse.map" or "GNU.sparse.numblocks" =>
                throw DiskFormatException.Unsupported(
                    "The archive's sparse file has a map of a version that is not 1.0."),
            _ => this,
        };
    }

    private static long Number(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw DiskFormatException.Corrupt(
                $"An extended header of the archive says '{value}' for a number.");
}
