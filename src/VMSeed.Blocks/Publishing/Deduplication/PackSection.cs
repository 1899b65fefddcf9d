using System.Buffers.Binary;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Deduplication;

/// <summary>What a pack's trailer says, as the table's file repeats it.</summary>
/// <remarks>Layout: pack (40, as in index pages), f (u32), b (u32), short digest of the tables
/// (16), and the tables (f × 32 + b × 36, as in the trailer).</remarks>
internal readonly record struct PackSection(
    PackRecord Pack, int FrameCount, int BlockCount, byte[] Tables)
{
    private const int HeaderSize = PackRecord.Size + 8 + ShortDigest.Size;

    /// <summary>Reads the next section of a table's file.</summary>
    /// <returns>False at the end of the file, and where it is damaged.</returns>
    public static bool TryRead(Stream input, out PackSection section)
    {
        section = default;
        Span<byte> header = stackalloc byte[HeaderSize];
        if (input.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize)
        {
            return false;
        }

        PackRecord pack = PackRecord.Read(header);
        long frames = BinaryPrimitives.ReadUInt32LittleEndian(header[PackRecord.Size..]);
        long blocks = BinaryPrimitives.ReadUInt32LittleEndian(header[(PackRecord.Size + 4)..]);
        long size = PackFormat.TrailerSize(frames, blocks) - PackFormat.FooterSize;
        if (PackFormat.FaultIn(pack) is not null || size > pack.Length)
        {
            return false;
        }

        byte[] tables = new byte[Math.Min(size, input.Length - input.Position)];
        input.ReadExactly(tables);
        section = new PackSection(pack, (int)frames, (int)blocks, tables);
        return tables.Length == size
            && ShortDigest.Of(tables) == ShortDigest.Read(header[(PackRecord.Size + 8)..]);
    }

    /// <summary>Writes the section.</summary>
    public void Write(Stream output)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        Pack.Write(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[PackRecord.Size..], FrameCount);
        BinaryPrimitives.WriteInt32LittleEndian(header[(PackRecord.Size + 4)..], BlockCount);
        ShortDigest.Of(Tables).CopyTo(header[(PackRecord.Size + 8)..]);
        output.Write(header);
        output.Write(Tables);
    }

    /// <summary>Enters the pack in the table of blocks.</summary>
    /// <returns>False where the tables do not hold together.</returns>
    public bool TryEnter(BlockTable table)
    {
        try
        {
            List<(Digest Digest, BlockLocation Location)> blocks =
                [.. PackFormat.ReadTrailer(Tables, Pack, FrameCount, BlockCount)];
            int number = table.AddPack(Pack);
            foreach ((Digest digest, BlockLocation location) in blocks)
            {
                table.Add(location.Frame with { Pack = number },
                    new PackedBlock(digest, location.Place));
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
