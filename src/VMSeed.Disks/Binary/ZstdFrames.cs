using System.Buffers.Binary;
using System.Collections.Concurrent;
using ZstdSharp;

namespace VMSeed.Disks.Binary;

// An image does not say where a compressed block ends, only its last sector, and what follows in
// there is not zstd. So a frame is measured by its block headers (RFC 8878, section 3.1.1) and then
// decoded in one piece, straight into the cluster: no window is ever allocated, whatever size the
// frame claims to need.

/// <summary>Decodes zstd frames that have something else behind them.</summary>
internal static class ZstdFrames
{
    private const uint Magic = 0xFD2FB528;

    // A context is some 150 KiB and costs more to make than a small frame to decode.
    private static readonly ConcurrentBag<Decompressor> s_decompressors = [];

    /// <summary>Decodes frame after frame until the cluster is full.</summary>
    /// <exception cref="InvalidDataException">The frames end, or break off, before that, or hold
    /// more.</exception>
    public static void Decode(ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        if (!s_decompressors.TryTake(out Decompressor? decompressor))
        {
            decompressor = new Decompressor();
        }

        try
        {
            while (!plain.IsEmpty)
            {
                int length = Measure(stored);
                plain = plain[decompressor.Unwrap(stored[..length], plain)..];
                stored = stored[length..];
            }
        }
        catch (ZstdException failure)
        {
            throw new InvalidDataException($"Not a zstd frame: {failure.Message}.", failure);
        }
        finally
        {
            s_decompressors.Add(decompressor);
        }
    }

    private static int Measure(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < 5 || BinaryPrimitives.ReadUInt32LittleEndian(stored) != Magic)
        {
            throw new InvalidDataException("No zstd frame begins here.");
        }

        byte descriptor = stored[4];
        long at = 5 + HeaderFields(descriptor);
        for (bool isLast = false; !isLast;)
        {
            if (at + 3 > stored.Length)
            {
                throw new InvalidDataException("A zstd frame breaks off.");
            }

            ReadOnlySpan<byte> block = stored[(int)at..];
            int header = block[0] | (block[1] << 8) | (block[2] << 16);
            isLast = (header & 1) != 0;
            bool isRepeated = (header >> 1 & 3) == 1;
            at += 3 + (isRepeated ? 1 : header >> 3);
        }

        at += (descriptor & 4) != 0 ? 4 : 0;
        return at <= stored.Length
            ? (int)at
            : throw new InvalidDataException("A zstd frame breaks off.");
    }

    // Window, dictionary and content size: which of them there are, and how long.
    private static int HeaderFields(byte descriptor)
    {
        bool isSingle = (descriptor & 0x20) != 0;
        int dictionary = (descriptor & 3) switch { 3 => 4, var bytes => bytes };
        int content = (descriptor >> 6) switch
        {
            0 => isSingle ? 1 : 0,
            1 => 2,
            2 => 4,
            _ => 8,
        };
        return (isSingle ? 0 : 1) + dictionary + content;
    }
}
