using System.Buffers.Binary;
using System.Text;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>How a differencing disk names its parent (2.6.2.6): pairs of a key and a
/// value.</summary>
internal sealed class VhdxParentLocator
{
    private const int HeadLength = 20;
    private const int CountOffset = 18;
    private const int EntryLength = 12;
    private const string Linkage = "parent_linkage";
    private const string SecondLinkage = "parent_linkage2";
    private const string RelativePath = "relative_path";
    private const string AbsolutePath = "absolute_win32_path";

    // In the order in which they are tried (2.6.2.6.3).
    private static readonly string[] s_paths = [RelativePath, "volume_path", AbsolutePath];

    private readonly Dictionary<string, string> _pairs;

    private VhdxParentLocator(Dictionary<string, string> pairs) => _pairs = pairs;

    /// <summary>A locator for a new image.</summary>
    /// <param name="linkage">The parent's content; empty where the parent has no such
    /// thing.</param>
    /// <param name="name">The parent's path; null for none.</param>
    public static VhdxParentLocator New(Guid linkage, string? name)
    {
        Dictionary<string, string> pairs = new() { [Linkage] = Spell(linkage) };
        if (name is not null)
        {
            bool isAbsolute = name.StartsWith('/') || name.StartsWith('\\')
                || (name.Length > 1 && name[1] == ':');
            pairs.Add(
                isAbsolute ? AbsolutePath : RelativePath,
                isAbsolute ? name : @".\" + name.Replace('/', '\\'));
        }

        return new VhdxParentLocator(pairs);
    }

    /// <summary>The same content under another name.</summary>
    public VhdxParentLocator WithName(string name)
    {
        Dictionary<string, string> pairs = New(Guid.Empty, name)._pairs;
        pairs[Linkage] = LinkageText;
        return new VhdxParentLocator(pairs);
    }

    /// <summary>The parent's names, the best first.</summary>
    public IReadOnlyList<string> Names => [.. s_paths.Where(_pairs.ContainsKey)
        .Select(key => _pairs[key]).Where(name => name.Length > 0)];

    /// <summary>The best of the names; null without any.</summary>
    public string? Name => Names is [var first, ..] ? first : null;

    /// <summary>Whether a parent with this content is meant. The second linkage is there while a
    /// parent is being replaced; files of Hyper-V carry it, all zeros, at other times
    /// too.</summary>
    public bool Accepts(Guid content) =>
        (Guid.TryParse(_pairs.GetValueOrDefault(Linkage), out Guid first) && first == content)
        || (content != Guid.Empty
            && Guid.TryParse(_pairs.GetValueOrDefault(SecondLinkage), out Guid second)
            && second == content);

    /// <summary>The linkage as the image spells it.</summary>
    public string LinkageText => _pairs.GetValueOrDefault(Linkage, "none");

    /// <summary>Reads the metadata item.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or is of another
    /// type.</exception>
    public static VhdxParentLocator Parse(ReadOnlySpan<byte> item)
    {
        if (item.Length < HeadLength)
        {
            throw DiskFormatException.Corrupt(
                $"The parent locator of the VHDX has {item.Length} bytes; its head takes "
                + $"{HeadLength}.");
        }

        var type = new Guid(item[..16]);
        if (type != VhdxLocatorType)
        {
            throw DiskFormatException.Unsupported(
                $"The parent locator of the VHDX has the type {type}, which is not known here.");
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(item[CountOffset..]);
        Dictionary<string, string> pairs = [];
        for (int i = 0; i < count; i++)
        {
            int at = HeadLength + (i * EntryLength);
            if (at > item.Length - EntryLength)
            {
                throw DiskFormatException.Corrupt(
                    $"The parent locator of the VHDX has {count} pairs in {item.Length} bytes.");
            }

            ReadOnlySpan<byte> entry = item.Slice(at, EntryLength);
            pairs[ReadText(item, entry, 0, 8)] = ReadText(item, entry, 4, 10);
        }

        return new VhdxParentLocator(pairs);
    }

    public byte[] ToBytes()
    {
        byte[] head = new byte[HeadLength + (_pairs.Count * EntryLength)];
        VhdxLocatorType.TryWriteBytes(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(CountOffset), (ushort)_pairs.Count);
        List<byte> text = [];
        int at = HeadLength;
        foreach ((string key, string value) in _pairs)
        {
            Span<byte> entry = head.AsSpan(at, EntryLength);
            Put(key, entry, 0, 8);
            Put(value, entry, 4, 10);
            at += EntryLength;
        }

        return [.. head, .. text];

        void Put(string part, Span<byte> entry, int offsetAt, int lengthAt)
        {
            byte[] bytes = Encoding.Unicode.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(entry[offsetAt..], head.Length + text.Count);
            BinaryPrimitives.WriteUInt16LittleEndian(
                entry[lengthAt..], checked((ushort)bytes.Length));
            text.AddRange(bytes);
        }
    }

    private static string Spell(Guid id) => id.ToString("B");

    private static string ReadText(
        ReadOnlySpan<byte> item, ReadOnlySpan<byte> entry, int offsetAt, int lengthAt)
    {
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[offsetAt..]);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(entry[lengthAt..]);
        if (offset > (uint)item.Length || length > item.Length - (int)offset)
        {
            throw DiskFormatException.Corrupt(
                $"The parent locator of the VHDX has a text of {length} bytes at {offset}, past "
                + $"its {item.Length} bytes.");
        }

        return Encoding.Unicode.GetString(item.Slice((int)offset, length)).TrimEnd('\0');
    }
}
