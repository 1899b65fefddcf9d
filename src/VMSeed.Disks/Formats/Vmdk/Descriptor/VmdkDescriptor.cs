using System.Globalization;
using System.Text;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Creation;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Descriptor;

// The descriptor is text that people edit and products differ in: the first comment, the order and
// the case of the keys, quotes, blanks at the ends of lines, NULs after the text. All of that is
// read over. What is written back is only ever changed within its line, at its width, so that each
// change lies in a sector or two and whatever a product has added stays.

/// <summary>The text that says what a VMDK consists of.</summary>
internal sealed class VmdkDescriptor
{
    private readonly Dictionary<string, DescriptorValue> _values =
        new(StringComparer.OrdinalIgnoreCase);

    private readonly List<VmdkExtentLine> _extents = [];

    private VmdkDescriptor(byte[] bytes) => Bytes = bytes;

    /// <summary>The text, as it lies in its file.</summary>
    public byte[] Bytes { get; }

    public IReadOnlyList<VmdkExtentLine> Extents => _extents;

    /// <summary>Where in the text the first extent's line begins.</summary>
    public int ExtentsOffset { get; private set; } = -1;

    public string CreateType => Text("createType") ?? "custom";

    /// <summary>What changes when the disk is written.</summary>
    public uint Cid => Hex("CID") ?? UnwrittenCid;

    /// <summary>The parent's <see cref="Cid"/> when this image was made over it.</summary>
    public uint ParentCid => Hex("parentCID") ?? NoParent;

    public bool HasParent => ParentCid != NoParent;

    /// <summary>The parent's file.</summary>
    public string? ParentName => Text("parentFileNameHint");

    /// <summary>Reads a descriptor, up to the first NUL.</summary>
    /// <exception cref="DiskFormatException">It names too many extents.</exception>
    public static VmdkDescriptor Parse(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        var descriptor = new VmdkDescriptor(bytes[..(end < 0 ? bytes.Length : end)].ToArray());
        string text = Encoding.Latin1.GetString(descriptor.Bytes);
        for (int at = 0; at < text.Length;)
        {
            int length = text.AsSpan(at).IndexOfAny('\n', '\r');
            length = length < 0 ? text.Length - at : length;
            descriptor.ReadLine(text.AsSpan(at, length), at);
            at += length + 1;
        }

        return descriptor;
    }

    /// <summary>A value, without its quotes; null where there is none.</summary>
    public string? Text(string key) => _values.TryGetValue(key, out DescriptorValue value)
        ? Encoding.UTF8.GetString(Bytes, value.Offset, value.Length)
        : null;

    /// <summary>Where a value lies.</summary>
    public DescriptorValue? Find(string key) =>
        _values.TryGetValue(key, out DescriptorValue value) ? value : null;

    /// <summary>The text over another parent, with all else as it is.</summary>
    /// <param name="name">The parent's file; null for none.</param>
    /// <param name="cid">Its CID.</param>
    public byte[] WithParent(string? name, uint cid)
    {
        DescriptorValue digits = _values["parentCID"];
        string number = cid.ToString("x8", CultureInfo.InvariantCulture);
        string line = name is null
            ? ""
            : $"parentFileNameHint=\"{DescriptorText.Quotable(name)}\"\n";
        List<(int Start, int End, byte[] Text)> changes =
        [
            (digits.Offset, digits.Offset + digits.Length, Encoding.ASCII.GetBytes(number)),
        ];
        if (Find("parentFileNameHint") is { } hint)
        {
            changes.Add((
                LineStart(hint.Offset), LineEnd(hint.Offset), Encoding.UTF8.GetBytes(line)));
        }
        else
        {
            int next = LineEnd(digits.Offset);
            changes.Add((next, next, Encoding.UTF8.GetBytes(line)));
        }

        List<byte> text = [.. Bytes];
        foreach ((int start, int end, byte[] replacement) in
            changes.OrderByDescending(change => change.Start))
        {
            text.RemoveRange(start, end - start);
            text.InsertRange(start, replacement);
        }

        return [.. text];
    }

    private int LineStart(int offset) => Bytes.AsSpan(0, offset).LastIndexOf((byte)'\n') + 1;

    // Behind the line's end.
    private int LineEnd(int offset)
    {
        int length = Bytes.AsSpan(offset).IndexOf((byte)'\n');
        return length < 0 ? Bytes.Length : offset + length + 1;
    }

    private uint? Hex(string key) =>
        uint.TryParse(
            Text(key), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            ? value
            : null;

    private void ReadLine(ReadOnlySpan<char> line, int offset)
    {
        if (line.TrimStart().StartsWith("#"))
        {
            return;
        }

        if (VmdkExtentLine.Parse(line) is { } extent)
        {
            ExtentsOffset = _extents.Count == 0 ? offset : ExtentsOffset;
            _extents.Add(extent);
            if (_extents.Count > GreatestExtentCount)
            {
                throw DiskFormatException.Unsupported(
                    $"The descriptor names more than {GreatestExtentCount} extents.");
            }

            return;
        }

        int equals = line.IndexOf('=');
        if (equals > 0)
        {
            // The first of a name counts, as it does to the products.
            _values.TryAdd(
                line[..equals].Trim().ToString(), DescriptorValue.Within(line, equals + 1, offset));
        }
    }
}
