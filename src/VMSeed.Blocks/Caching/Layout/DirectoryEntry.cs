using System.Numerics;
using System.Runtime.InteropServices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>One block's line in the directory, as it lies on the disk: 32 bytes,
/// little-endian.</summary>
/// <remarks>
/// An entry has its own checksum, so that a reader without a lock, who may meet it half written,
/// and an opening after a crash both can tell; pages need none. 32 bytes never straddle a sector.
/// Sixteen bytes of the digest are kept: the caller hashes what it reads and compares all
/// thirty-two, so a collision, if somebody could make one, would be a miss.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal readonly struct DirectoryEntry
{
    /// <summary>Bytes of an entry.</summary>
    public const int Bytes = 32;

    private readonly ulong _low;
    private readonly ulong _high;
    private readonly uint _unit;
    private readonly EntryShape _shape;
    private readonly uint _sequence;
    private readonly uint _check;

    private DirectoryEntry(
        ulong low, ulong high, uint unit, EntryShape shape, uint sequence, uint check)
    {
        (_low, _high, _unit, _shape) = (low, high, unit, shape);
        (_sequence, _check) = (sequence, check);
    }

    /// <summary>Whether there is no entry: all zeros.</summary>
    public bool IsEmpty => (_low | _high | _unit | _shape.Bits | _sequence | _check) == 0;

    /// <summary>The first 64 bits of the block's digest.</summary>
    public ulong Prefix => _low;

    /// <summary>The first unit of its bytes.</summary>
    public uint Unit => _unit;

    /// <summary>Its lengths, codec and heat.</summary>
    public EntryShape Shape => _shape;

    /// <summary>Units of its bytes, 1 to 256.</summary>
    public int Units => _shape.Units;

    /// <summary>When the block came, counted in changes of the store.</summary>
    /// <remarks>Unique until four billion blocks have come.</remarks>
    public uint Sequence => _sequence;

    /// <summary>Tells this entry from every other that its slot has had.</summary>
    public ulong Stamp => ((ulong)_check << 32) | _sequence;

    /// <summary>Makes an entry.</summary>
    /// <param name="digest">The block's digest.</param>
    /// <param name="unit">The first unit of its bytes.</param>
    /// <param name="shape">Its lengths and codec.</param>
    /// <param name="sequence">The change that brings it.</param>
    /// <param name="salt">The store's.</param>
    /// <returns>The entry.</returns>
    public static DirectoryEntry Of(
        Digest digest, uint unit, EntryShape shape, uint sequence, uint salt)
    {
        Span<ulong> words = stackalloc ulong[Digest.Size / sizeof(ulong)];
        digest.CopyTo(MemoryMarshal.AsBytes(words));
        return new DirectoryEntry(words[0], words[1], unit, shape, sequence, 0).Sealed(salt);
    }

    /// <summary>Whether the entry is whole, and of this store.</summary>
    /// <param name="salt">The store's.</param>
    /// <returns>True when it is.</returns>
    public bool IsSound(uint salt) => _unit != 0 && _check == Checksum(salt);

    /// <summary>Whether the entry is of a block of this digest.</summary>
    /// <param name="digest">The digest.</param>
    /// <returns>True when the sixteen bytes that the entry has are equal.</returns>
    public bool Names(Digest digest)
    {
        Span<ulong> words = stackalloc ulong[Digest.Size / sizeof(ulong)];
        digest.CopyTo(MemoryMarshal.AsBytes(words));
        return words[0] == _low && words[1] == _high;
    }

    /// <summary>The same entry with another heat, which the checksum leaves out.</summary>
    /// <param name="heat">0 to <see cref="EntryShape.MaxHeat"/>.</param>
    /// <returns>The entry.</returns>
    public DirectoryEntry WithHeat(int heat) =>
        new(_low, _high, _unit, _shape.WithHeat(heat), _sequence, _check);

    /// <summary>The same entry with the checksum of a store.</summary>
    /// <param name="salt">The store's.</param>
    /// <returns>The entry.</returns>
    public DirectoryEntry Sealed(uint salt) =>
        new(_low, _high, _unit, _shape, _sequence, Checksum(salt));

    private uint Checksum(uint salt)
    {
        uint check = BitOperations.Crc32C(salt, _low);
        check = BitOperations.Crc32C(check, _high);
        check = BitOperations.Crc32C(check, _unit | ((ulong)_shape.Cold.Bits << 32));
        return BitOperations.Crc32C(check, _sequence);
    }
}
