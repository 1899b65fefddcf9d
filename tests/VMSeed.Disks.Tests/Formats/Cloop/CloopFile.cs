using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace VMSeed.Disks.Tests.Formats.Cloop;

/// <summary>Writes cloop images of the shapes that no tool here makes.</summary>
internal static class CloopFile
{
    public const int Zlib = 0;
    public const int Plain = 1;

    /// <summary>Version 4, each block with a codec of its own.</summary>
    public static byte[] Version4(byte[] disk, int blockSize, int[] codecs, bool isLast)
    {
        byte[][] blocks = [.. disk.Chunk(blockSize).Select(
            (block, i) => codecs[i % codecs.Length] == Plain ? block : Deflate(block))];
        long index = 8 * (blocks.Length + 1);
        long offset = isLast ? 0 : 136 + index;
        List<ulong> entries = [];
        foreach (var (block, i) in blocks.Select((block, i) => (block, i)))
        {
            entries.Add((ulong)offset | ((ulong)codecs[i % codecs.Length] << 60));
            offset += block.Length;
        }

        entries.Add((ulong)offset);
        byte[] header = Header("V4.0", blockSize, blocks.Length);
        byte[] data = [.. blocks.SelectMany(block => block)];
        return isLast
            ? [.. data, .. Index(entries), .. header]
            : [.. header, .. Index(entries), .. data];
    }

    /// <summary>What FreeBSD's mkuzip writes: nothing for zeros and, where the version is in small
    /// letters, a reference for a block that is there already and is not the last one
    /// stored.</summary>
    public static byte[] Mkuzip(byte[] disk, int blockSize, string version)
    {
        byte[][] blocks = [.. disk.Chunk(blockSize)];
        ulong offset = (ulong)(136 + (8 * (blocks.Length + 1)));
        Dictionary<string, ulong> known = [];
        ulong last = 0;
        List<ulong> entries = [];
        List<byte> data = [];
        foreach (byte[] block in blocks)
        {
            string name = Convert.ToHexString(block);
            if (char.IsLower(version[0]) && known.TryGetValue(name, out ulong there)
                && there != last)
            {
                entries.Add(there);
                continue;
            }

            entries.Add(offset);
            if (block.AsSpan().ContainsAnyExcept((byte)0))
            {
                byte[] packed = char.ToUpperInvariant(version[0]) == 'Z'
                    ? new Compressor().Wrap(block).ToArray() : Deflate(block);
                data.AddRange(packed);
                (known[name], last) = (offset, offset);
                offset += (ulong)packed.Length;
            }
        }

        entries.Add(offset);
        byte[] padding = new byte[(512 - (int)(offset % 512)) % 512];
        return
        [
            .. Header(version, blockSize, blocks.Length), .. Index(entries), .. data, .. padding,
        ];
    }

    public static byte[] Header(string version, int blockSize, int count)
    {
        byte[] header = new byte[136];
        Encoding.ASCII.GetBytes($"#!/bin/sh\n#{version} Format\nexit 1\n", header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(128), blockSize);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(132), count);
        return header;
    }

    private static byte[] Index(List<ulong> entries)
    {
        byte[] index = new byte[8 * entries.Count];
        for (int i = 0; i < entries.Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(index.AsSpan(8 * i), entries[i]);
        }

        return index;
    }

    private static byte[] Deflate(byte[] block)
    {
        MemoryStream packed = new();
        using (ZLibStream stream = new(packed, CompressionLevel.Optimal))
        {
            stream.Write(block);
        }

        return packed.ToArray();
    }
}
