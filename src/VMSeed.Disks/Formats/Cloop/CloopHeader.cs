using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Cloop.CloopConstants;

namespace VMSeed.Disks.Formats.Cloop;

// Header first:  preamble, block size, count | index: count + 1 offsets | blocks
// Header last:   blocks | index | preamble, block size, count          (version 4 only)
//
// The index has one offset more than there are blocks: where the last one ends.

/// <summary>What an image says of itself, held to its file.</summary>
internal sealed record CloopHeader
{
    public required CloopVersion Version { get; init; }

    public required bool IsLast { get; init; }

    public required int BlockSize { get; init; }

    public required int BlockCount { get; init; }

    public required long IndexOffset { get; init; }

    /// <summary>Where blocks may begin.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Where the last block must have ended.</summary>
    public required long DataEnd { get; init; }

    public long Length => (long)BlockSize * BlockCount;

    public static async ValueTask<CloopHeader> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[HeaderLength];
        if (file.Length < bytes.Length)
        {
            throw Corrupt($"the file of {file.Length} bytes is shorter than {HeaderLength}");
        }

        await file.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        if (CloopVersion.Find(bytes) is { } first)
        {
            return Parse(bytes, first, isLast: false, file.Length);
        }

        await file.ReadAsync(file.Length - bytes.Length, bytes, cancellationToken)
            .ConfigureAwait(false);
        return CloopVersion.Find(bytes) is { HasCodecs: true } last
            ? Parse(bytes, last, isLast: true, file.Length)
            : throw DiskFormatException.Unsupported(
                "The cloop image names no version: it is of version 0.68 or older, whose offsets "
                + "have 32 bits. V2.0 and V4.0 are read.");
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself or the file, or is of another
    /// version.</exception>
    public static CloopHeader Parse(
        ReadOnlySpan<byte> bytes, CloopVersion version, bool isLast, long fileLength)
    {
        if (!version.IsRead)
        {
            throw DiskFormatException.Unsupported(
                $"The cloop image is of version {version.Name}; V2.0, V4.0 and Z4.0 are read.");
        }

        uint blockSize = BinaryPrimitives.ReadUInt32BigEndian(bytes[PreambleLength..]);
        uint count = BinaryPrimitives.ReadUInt32BigEndian(bytes[(PreambleLength + 4)..]);
        Require(
            blockSize is >= LeastBlockSize and <= GreatestBlockSize && blockSize % 512 == 0,
            $"its block size is {blockSize}, not a multiple of 512 from {LeastBlockSize} to "
            + $"{GreatestBlockSize}");
        Require(
            count <= GreatestBlockCount,
            $"it has {count} blocks; {GreatestBlockCount} are the most");
        long index = EntrySize * (count + 1L);
        long room = fileLength - HeaderLength - index;
        Require(
            room >= 0,
            $"an index of {count} blocks does not fit a file of {fileLength} bytes");
        return new CloopHeader
        {
            Version = version,
            IsLast = isLast,
            BlockSize = (int)blockSize,
            BlockCount = (int)count,
            IndexOffset = isLast ? room : HeaderLength,
            DataOffset = isLast ? 0 : HeaderLength + index,
            DataEnd = isLast ? room : fileLength,
        };
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Corrupt(otherwise);
        }
    }

    private static DiskFormatException Corrupt(string why) =>
        DiskFormatException.Corrupt($"The header of the cloop image is wrong: {why}.");
}
