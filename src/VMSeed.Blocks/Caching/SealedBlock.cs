using System.Security.Cryptography;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching;

// A block of a published image is named by what it holds, and whoever reads it can tell whether it
// is that. A block of a file that nobody published has a name made of where it came from, which
// says nothing about its bytes. So it carries its proof with it, behind its bytes:
//
//   name     32 bytes   the block's name in the cache: a digest of address, version and place
//   seal     32 bytes   SHA-256 of the block's bytes and the name
//
// Torn writes, flipped bits, and the bytes of another block in its place are all found by whoever
// reads it, and by a verification of the whole cache, which knows no names: the entry has half of
// one, and the trailer the rest. The seal keeps out accidents, not enemies: whoever can write the
// cache's file can make a seal, as he could overwrite the program that checks it.
//
// Why behind the block and not in the directory: an entry of 32 bytes has no room for it, and
// larger entries would cost every published block as much again. The price is the unit of 4 KiB
// that the trailer begins: 6 % of a block of 64 KiB. The alternative, a page of digests for each
// run of blocks, costs less space and is changed in place for every block that comes, which
// nothing else in the cache is.

/// <summary>A block that is named by where it came from, with the proof of its bytes behind
/// it.</summary>
internal static class SealedBlock
{
    /// <summary>Bytes behind the block.</summary>
    public const int TrailerBytes = 2 * Digest.Size;

    /// <summary>Writes the trailer.</summary>
    /// <param name="stored">The block and room for its trailer.</param>
    /// <param name="name">The block's name.</param>
    public static void Seal(Span<byte> stored, Digest name)
    {
        Span<byte> trailer = stored[^TrailerBytes..];
        name.CopyTo(trailer);
        SHA256.HashData(stored[..^Digest.Size], trailer[Digest.Size..]);
    }

    /// <summary>Whether bytes are the block of a name, whole.</summary>
    /// <param name="stored">The block and its trailer.</param>
    /// <param name="name">The block's name.</param>
    /// <returns>False when a bit of it is another.</returns>
    public static bool IsWhole(ReadOnlySpan<byte> stored, Digest name) =>
        TryOpen(stored, out Digest found) && found == name;

    /// <summary>Reads the name of a block whose seal holds.</summary>
    /// <param name="stored">The block and its trailer.</param>
    /// <param name="name">Its name.</param>
    /// <returns>False where the bytes are not sealed, or the seal is broken.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> stored, out Digest name)
    {
        name = default;
        if (stored.Length <= TrailerBytes
            || Digest.Of(stored[..^Digest.Size]) != new Digest(stored[^Digest.Size..]))
        {
            return false;
        }

        name = new Digest(stored[^TrailerBytes..^Digest.Size]);
        return true;
    }
}
