using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay.Format;

/// <summary>What stands at the beginning of an overlay's file, written once
/// (docs/OVERLAY-FORMAT.md, section 2).</summary>
/// <param name="Length">Bytes of the disk.</param>
/// <param name="BaseLength">Bytes of the base.</param>
/// <param name="Base">What the overlay lies over.</param>
internal sealed record OverlayHeader(long Length, long BaseLength, ContentIdentity Base)
{
    private const int Version = 1;
    private const int FixedSize = 96;
    private const int DigestOffset = 64;

    // Of a text in UTF-8; four bytes a character.
    private const int MaxText = 4 * ContentIdentity.MaxLength;

    // As large as a head can be (docs/IMAGE-FORMAT.md, section 6).
    private const int MaxSignedHead = 64 * 1024;

    private static ReadOnlySpan<byte> Magic => "VMSEEDOV"u8;

    /// <summary>Whether a file begins as an overlay does.</summary>
    internal static bool Knows(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic);

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">The file's first bytes: all before the state map, or all there
    /// are.</param>
    /// <exception cref="InvalidDataException">It is none, or damaged, or of another
    /// version.</exception>
    internal static OverlayHeader Read(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length >= FixedSize && Knows(bytes), "It does not begin as an overlay.");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        Require(version == Version, $"Its format is version {version}; known is {Version}.");
        Span<int> sizes = stackalloc int[4];
        int total = FixedSize;
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(48 + (i * 4))..]);
            int most = i < 3 ? MaxText : MaxSignedHead;
            Require(
                sizes[i] >= 0 && sizes[i] <= most,
                $"A part of its header has {(uint)sizes[i]} bytes; there may be {most}.");
            total += sizes[i];
        }

        Require(bytes.Length >= total, $"It ends within its header of {total} bytes.");
        Require(
            DigestOf(bytes[..total]).AsSpan().SequenceEqual(bytes.Slice(DigestOffset, 32)),
            "Its header is damaged: the digest does not fit.");
        return Parse(bytes, sizes);
    }

    /// <summary>The header's bytes.</summary>
    internal byte[] Write()
    {
        OverlayLayout layout = new(Length);
        byte[][] parts =
        [
            Encoding.UTF8.GetBytes(Base.Value),
            Encoding.UTF8.GetBytes(Base.Name),
            Encoding.UTF8.GetBytes(Base.Address),
            Base.SignedHead.ToArray(),
        ];
        byte[] bytes = new byte[FixedSize + parts.Sum(part => part.Length)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), OverlayLayout.BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), BaseLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), OverlayLayout.MapOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), layout.DataOffset);
        int place = FixedSize;
        for (int i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48 + (i * 4)), parts[i].Length);
            parts[i].CopyTo(bytes, place);
            place += parts[i].Length;
        }

        DigestOf(bytes).CopyTo(bytes, DigestOffset);
        return bytes;
    }

    private static OverlayHeader Parse(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> sizes)
    {
        int blockSize = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        long baseLength = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        Require(
            blockSize == OverlayLayout.BlockSize,
            $"Its blocks have {blockSize} bytes; known are {OverlayLayout.BlockSize}.");
        Require(
            length is >= 0 and <= OverlayLayout.MaxLength && baseLength >= 0,
            $"It is of a disk of {length} bytes over {baseLength}, which cannot be.");
        Require(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]) == OverlayLayout.MapOffset
                && BinaryPrimitives.ReadInt64LittleEndian(bytes[40..])
                    == new OverlayLayout(length).DataOffset,
            "Its map or its data begin where they cannot.");
        bytes = bytes[FixedSize..];
        string value = Encoding.UTF8.GetString(bytes[..sizes[0]]);
        Require(value.Length is > 0 and <= ContentIdentity.MaxLength, "It names no base.");
        bytes = bytes[sizes[0]..];
        string name = Encoding.UTF8.GetString(bytes[..sizes[1]]);
        bytes = bytes[sizes[1]..];
        return new OverlayHeader(length, baseLength, new ContentIdentity(value)
        {
            Name = name,
            Address = Encoding.UTF8.GetString(bytes[..sizes[2]]),
            SignedHead = bytes[sizes[2]..][..sizes[3]].ToArray(),
        });
    }

    // Of the header with zeros in the digest's place.
    private static byte[] DigestOf(ReadOnlySpan<byte> header)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header[..DigestOffset]);
        hash.AppendData(stackalloc byte[32]);
        hash.AppendData(header[FixedSize..]);
        return hash.GetHashAndReset();
    }

    private static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw new InvalidDataException(fault);
        }
    }
}
