using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Deduplication;

/// <summary>Reads what a pack's trailer says, of packs whose bytes are those of their
/// name.</summary>
internal static class PackScan
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Reads a pack's record and its tables.</summary>
    /// <param name="path">An object's file.</param>
    /// <param name="digest">Its name.</param>
    /// <param name="section">What was read.</param>
    /// <returns>False where the object is no pack, or a damaged one, whose blocks are stored
    /// anew.</returns>
    public static bool TryRead(string path, Digest digest, out PackSection section)
    {
        section = default;
        using SafeFileHandle file = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var pack = new PackRecord(digest, RandomAccess.GetLength(file));
        Span<byte> header = stackalloc byte[PackFormat.HeaderSize];
        if (PackFormat.FaultIn(pack) is not null
            || RandomAccess.Read(file, header, 0) != header.Length
            || !header.SequenceEqual(PackFormat.Header)
            || Hash(file) != digest)
        {
            return false;
        }

        byte[] footer = new byte[PackFormat.FooterSize];
        RandomAccess.Read(file, footer, pack.Length - footer.Length);
        try
        {
            (long trailer, int frames, int blocks) = PackFormat.ReadFooter(footer, pack.Length);
            byte[] tables = new byte[pack.Length - trailer - footer.Length];
            RandomAccess.Read(file, tables, trailer);
            section = new PackSection(pack, frames, blocks, tables);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static Digest Hash(SafeFileHandle file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferSize];
        long offset = 0;
        while (RandomAccess.Read(file, buffer, offset) is > 0 and int count)
        {
            hash.AppendData(buffer, 0, count);
            offset += count;
        }

        return new Digest(hash.GetHashAndReset());
    }
}
