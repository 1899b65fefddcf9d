using System.Globalization;
using System.Text;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Creation;

// The lines stand in the order of VMware's own, and what counts stands in the first sector.

/// <summary>The text of a new descriptor.</summary>
internal sealed record DescriptorText
{
    // The geometry of a SCSI disk to VMware's BIOS; the adapter, too, is its default. Readers take
    // the length from the extents.
    private const int Heads = 255;
    private const int SectorsPerTrack = 63;

    public required string CreateType { get; init; }

    public required IReadOnlyList<string> ExtentLines { get; init; }

    /// <summary>The disk's size in sectors.</summary>
    public required long Sectors { get; init; }

    /// <summary>What the CID and the disk's identifier are made from.</summary>
    public required Guid Id { get; init; }

    public uint ParentCid { get; init; } = NoParent;

    public string? ParentName { get; init; }

    public override string ToString()
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        uint cid = VmdkParent.ToCid(Id);
        StringBuilder text = new();
        text.Append("# Disk DescriptorFile\nversion=1\nencoding=\"UTF-8\"\n")
            .Append(plain, $"CID={cid:x8}\nparentCID={ParentCid:x8}\n")
            .Append(plain, $"createType=\"{CreateType}\"\n");
        if (ParentName is not null)
        {
            text.Append(plain, $"parentFileNameHint=\"{Quotable(ParentName)}\"\n");
        }

        text.Append("\n# Extent description\n").AppendJoin('\n', ExtentLines);
        long cylinders = Math.Clamp(Sectors / (Heads * SectorsPerTrack), 1, 65535);
        return text.Append("\n\n# The Disk Data Base\n#DDB\n\n")
            .Append("ddb.adapterType = \"lsilogic\"\n")
            .Append(plain, $"ddb.geometry.cylinders = \"{cylinders}\"\n")
            .Append(plain, $"ddb.geometry.heads = \"{Heads}\"\n")
            .Append(plain, $"ddb.geometry.sectors = \"{SectorsPerTrack}\"\n")
            .Append(plain, $"ddb.longContentID = \"{Id.ToString("N")[..24]}{cid:x8}\"\n")
            .Append(plain, $"ddb.uuid = \"{Uuid()}\"\n")
            .Append("ddb.virtualHWVersion = \"4\"\n")
            .ToString();
    }

    /// <summary>A line of an extent.</summary>
    /// <param name="sectors">Its size.</param>
    /// <param name="type">SPARSE or FLAT.</param>
    /// <param name="name">Its file, beside the descriptor.</param>
    public static string Line(long sectors, string type, string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"RW {sectors} {type} \"{Quotable(name)}\"{(type == "FLAT" ? " 0" : "")}");

    /// <summary>A name as it can stand between quotes.</summary>
    /// <exception cref="DiskFormatException">It cannot.</exception>
    public static string Quotable(string name) =>
        name.Any(letter => letter == '"' || char.IsControl(letter))
            ? throw DiskFormatException.Unsupported(
                $"The file name '{name}' has a quote or a control character, which a VMDK's "
                + "descriptor cannot have.")
            : name;

    // VMware's own begin so.
    private string Uuid()
    {
        byte[] bytes = Id.ToByteArray();
        ReadOnlySpan<byte> prefix = [0x60, 0x00, 0xC2, 0x90];
        prefix.CopyTo(bytes);
        string[] digits =
            [.. bytes.Select(one => one.ToString("x2", CultureInfo.InvariantCulture))];
        return string.Join(' ', digits[..8]) + "-" + string.Join(' ', digits[8..]);
    }
}
