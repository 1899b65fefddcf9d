using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VMSeed.Fuse.Protocol.Messages;

namespace VMSeed.Fuse.Protocol;

/// <summary>Lays directory entries out: struct fuse_dirent, each padded to 8 bytes, with a
/// fuse_entry_out
/// before it where the kernel asked for attributes.</summary>
internal ref struct DirectoryWriter
{
    private const int DirentSize = 24;

    private readonly Span<byte> _space;
    private readonly bool _withAttributes;

    public DirectoryWriter(Span<byte> space, bool withAttributes)
    {
        _space = space;
        _withAttributes = withAttributes;
    }

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes one entry.</summary>
    /// <param name="name">The name in UTF-8.</param>
    /// <param name="entry">The node and its attributes; node 0 for "." and "..".</param>
    /// <param name="next">The offset that a later request continues from.</param>
    /// <returns>False, and nothing is written, when the space is used up.</returns>
    public bool TryAdd(ReadOnlySpan<byte> name, in EntryOut entry, ulong next)
    {
        int prefix = _withAttributes ? EntryOut.Size : 0;
        int size = (prefix + DirentSize + name.Length + 7) & ~7;
        if (size > _space.Length - Length) { return false; }

        Span<byte> record = _space.Slice(Length, size);
        record.Clear();
        if (_withAttributes) { MemoryMarshal.Write(record, in entry); }

        Span<byte> dirent = record[prefix..];
        BinaryPrimitives.WriteUInt64LittleEndian(dirent, entry.Attributes.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(dirent[8..], next);
        BinaryPrimitives.WriteUInt32LittleEndian(dirent[16..], (uint)name.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(dirent[20..], entry.Attributes.Mode >> 12);
        name.CopyTo(dirent[DirentSize..]);
        Length += size;
        return true;
    }
}
