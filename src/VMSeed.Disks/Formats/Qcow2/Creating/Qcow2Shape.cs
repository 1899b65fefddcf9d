using System.Numerics;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Creating;

/// <summary>What kind of qcow2 is to be made.</summary>
/// <param name="Version">2 or 3.</param>
/// <param name="Geometry">Its sizes.</param>
/// <param name="IsLazy">Whether whoever writes it later may leave refcounts behind while it is
/// open.</param>
/// <param name="Compression">What compressed clusters are compressed with.</param>
/// <param name="HasDataFile">Whether its data lies in a file of its own.</param>
internal sealed record Qcow2Shape(
    int Version,
    Qcow2Geometry Geometry,
    bool IsLazy,
    Qcow2Compression Compression,
    bool HasDataFile)
{
    private static readonly string[] s_words =
        ["v2", "v3", "lazy_refcounts", "extended_l2", "zstd", "zlib", "data_file"];

    /// <summary>Reads a variant: words with commas between.</summary>
    /// <exception cref="DiskFormatException">There is no such qcow2.</exception>
    public static Qcow2Shape Parse(VirtualDiskCreateOptions options)
    {
        string[] words = (options.Variant ?? "v3").Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in words)
        {
            Require(
                s_words.Contains(word),
                $"'{word}' is none of its variants, which are {string.Join(", ", s_words)}");
        }

        bool isV2 = words.Contains("v2");
        bool isExtended = words.Contains("extended_l2");
        int size = options.BlockSize ?? DefaultClusterSize;
        int least = 1 << (isExtended ? LeastExtendedClusterBits : LeastClusterBits);
        Require(
            BitOperations.IsPow2(size) && size >= least && size <= 1 << GreatestClusterBits,
            $"its cluster size of {size} is no power of two from {least} to "
            + $"{1 << GreatestClusterBits}");
        Require(
            !isV2 || !words.Except(["v2", "zlib"]).Any(),
            $"version 2 has no more than zlib, and '{options.Variant}' is asked for");
        Require(
            options.SectorSize == 512, $"its sectors have 512 bytes, not {options.SectorSize}");
        return new Qcow2Shape(
            isV2 ? 2 : 3,
            new Qcow2Geometry(BitOperations.Log2((uint)size), isExtended),
            words.Contains("lazy_refcounts"),
            words.Contains("zstd") ? Qcow2Compression.Zstd : Qcow2Compression.Zlib,
            words.Contains("data_file"));
    }

    /// <summary>The incompatible features of such an image.</summary>
    public Qcow2Features Features =>
        (Geometry.IsExtended ? Qcow2Features.ExtendedL2 : Qcow2Features.None)
        | (HasDataFile ? Qcow2Features.DataFile : Qcow2Features.None)
        | (Compression == Qcow2Compression.Zstd
            ? Qcow2Features.CompressionType : Qcow2Features.None);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Unsupported($"No such qcow2 can be made: {otherwise}.");
        }
    }
}
