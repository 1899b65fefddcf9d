using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>One of the eight places where a differencing VHD may say what its parent is
/// called.</summary>
/// <param name="Code">In which way: <see cref="Relative"/>, <see cref="Absolute"/>,
/// <see cref="MacUrl"/>, or one that is not read.</param>
/// <param name="Offset">Where in the file the name lies.</param>
/// <param name="Length">How long it is, in bytes.</param>
internal readonly record struct VhdLocator(uint Code, long Offset, int Length)
{
    public const int Count = 8;
    public const int EntryLength = 24;

    /// <summary>"W2ru": a path from the child's folder, in UTF-16LE.</summary>
    public const uint Relative = 0x57327275;

    /// <summary>"W2ku": a full path, in UTF-16LE.</summary>
    public const uint Absolute = 0x57326B75;

    /// <summary>"MacX": a URL of a file, in UTF-8.</summary>
    public const uint MacUrl = 0x4D616358;

    /// <summary>64 KiB: Windows' longest path. A header may claim 4 GiB.</summary>
    private const int GreatestLength = 64 << 10;

    private const int SpaceOffset = 4;
    private const int LengthOffset = 8;
    private const int DataOffsetOffset = 16;

    /// <summary>Reads an entry; its bounds are held to nothing yet.</summary>
    public static VhdLocator Parse(ReadOnlySpan<byte> bytes) => new(
        VhdBytes.UInt32(bytes, 0),
        VhdBytes.Int64(bytes, DataOffsetOffset),
        (int)Math.Min(VhdBytes.UInt32(bytes, LengthOffset), int.MaxValue));

    /// <summary>Whether it points at what could be a name, within the file.</summary>
    public bool IsWithin(long fileLength) =>
        Code != 0 && Length is > 0 and <= GreatestLength && Offset >= 0
            && Offset <= fileLength - Length;

    /// <summary>Writes the entry. The space is in bytes, as Windows and Virtual PC have it; the
    /// specification says sectors.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        VhdBytes.Put(bytes, 0, Code);
        VhdBytes.Put(bytes, SpaceOffset, (uint)FileTail.Align(Length, SectorSize));
        VhdBytes.Put(bytes, LengthOffset, (uint)Length);
        VhdBytes.Put(bytes, DataOffsetOffset, Offset);
    }

    /// <summary>Reads the name that the entry points at.</summary>
    /// <returns>Null where it points at nothing that could be a name.</returns>
    public async ValueTask<string?> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        if (!IsWithin(file.Length))
        {
            return null;
        }

        byte[] bytes = new byte[Length];
        await file.ReadAsync(Offset, bytes, cancellationToken).ConfigureAwait(false);
        string name = Text(bytes, Code == MacUrl ? Encoding.UTF8 : Encoding.Unicode);
        return name.Length == 0 ? null : name;
    }

    /// <summary>The text up to its first NUL.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, Encoding encoding)
    {
        string text = encoding.GetString(bytes);
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
