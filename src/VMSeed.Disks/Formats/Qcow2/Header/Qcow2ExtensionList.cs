using System.Buffers.Binary;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>The extensions of a header as they lie in its cluster, those that are not known here
/// among them.</summary>
/// <param name="Items">The extensions, in order, without the one that ends them.</param>
/// <param name="Length">Bytes that they take, with the end.</param>
internal sealed record Qcow2ExtensionList(
    IReadOnlyList<(uint Type, byte[] Data)> Items, int Length)
{
    private const int HeadLength = 8;

    /// <summary>Reads what a parser has read over before: lengths are known to fit.</summary>
    /// <param name="area">From the header's end to the backing file's name, or the cluster's
    /// end.</param>
    public static Qcow2ExtensionList Read(ReadOnlySpan<byte> area)
    {
        List<(uint Type, byte[] Data)> items = [];
        int at = 0;
        while (area.Length - at >= HeadLength
            && BinaryPrimitives.ReadUInt32BigEndian(area[at..]) is var type
            && type != EndExtension)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(area[(at + 4)..]);
            items.Add((type, area.Slice(at + HeadLength, length).ToArray()));
            at += HeadLength + ((length + 7) & ~7);
        }

        return new(items, Math.Min(area.Length, at + HeadLength));
    }

    /// <summary>The same with other data of a type: in its place, else in front; null takes it
    /// away.</summary>
    public Qcow2ExtensionList With(uint type, byte[]? data)
    {
        List<(uint Type, byte[] Data)> items = [.. Items];
        int index = items.FindIndex(item => item.Type == type);
        if (index >= 0)
        {
            items.RemoveAt(index);
        }

        if (data is not null)
        {
            items.Insert(Math.Max(0, index), (type, data));
        }

        return new(items, HeadLength + items.Sum(Size));
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeadLength + Items.Sum(Size)];
        int at = 0;
        foreach ((uint Type, byte[] Data) item in Items)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), item.Type);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + 4), item.Data.Length);
            item.Data.CopyTo(bytes, at + HeadLength);
            at += Size(item);
        }

        return bytes;
    }

    private static int Size((uint Type, byte[] Data) item) =>
        HeadLength + ((item.Data.Length + 7) & ~7);
}
