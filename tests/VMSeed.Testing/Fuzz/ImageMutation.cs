using System.Buffers.Binary;

namespace VMSeed.Testing.Fuzz;

/// <summary>Damages an image as chance, and whoever means harm, would.</summary>
public static class ImageMutation
{
    private const int Sector = 512;

    // Headers, tables and descriptors of all formats lie there; the rest is mostly content, where
    // damage shows little.
    private const int Front = 64 * 1024;
    private const int Back = 4096;

    private static readonly ulong[] s_interesting =
    [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x1FF, 0x200, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF,
        0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000,
        0xFFFF_FFFF_FFFF_FE00, 0xFFFF_FFFF_FFFF_FFFF,
    ];

    /// <summary>Makes a damaged copy.</summary>
    /// <param name="image">A valid image; it stays as it is.</param>
    /// <param name="random">Chance.</param>
    /// <param name="regions">Where the format keeps its structures, in bytes; without any, the
    /// first 64 KiB and the last 4 KiB.</param>
    public static byte[] Make(
        ReadOnlySpan<byte> image, Random random, params IReadOnlyList<Range> regions)
    {
        byte[] damaged = image.ToArray();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int place = DrawPlace(image.Length, random, regions);
            if (place < damaged.Length)
            {
                Damage(ref damaged, place, random);
            }
        }

        return damaged;
    }

    private static int DrawPlace(int length, Random random, IReadOnlyList<Range> regions)
    {
        if (length == 0)
        {
            return 0;
        }

        if (regions.Count == 0)
        {
            return random.Next(8) switch
            {
                0 => random.Next(length),
                1 => length - 1 - random.Next(Math.Min(length, Back)),
                < 5 => random.Next(Math.Min(length, Sector)),
                _ => random.Next(Math.Min(length, Front)),
            };
        }

        (int offset, int count) = regions[random.Next(regions.Count)].GetOffsetAndLength(length);
        return offset + random.Next(count);
    }

    private static void Damage(ref byte[] image, int at, Random random)
    {
        int sector = at / Sector * Sector;
        switch (random.Next(16))
        {
            case 0:
                Array.Resize(ref image, random.Next(image.Length + 1));
                break;
            case 1:
                image.AsSpan(sector, Math.Min(Sector, image.Length - sector)).Clear();
                break;
            case 2 or 3 when image.Length > Sector:
                int from = random.Next(image.Length / Sector) * Sector;
                int count = Math.Min(Sector, image.Length - Math.Max(from, sector));
                image.AsSpan(from, count).CopyTo(image.AsSpan(sector));
                break;
            case < 7 when image.Length > 0:
                image[at] ^= (byte)(1 << random.Next(8));
                break;
            default:
                WriteInteger(image, at, random);
                break;
        }
    }

    // At its natural place, in either order of bytes: as it is, or a little beside it, where the
    // bound lies that somebody forgot.
    private static void WriteInteger(byte[] image, int at, Random random)
    {
        int width = 1 << random.Next(1, 4);
        Span<byte> place = image.AsSpan(at / width * width);
        if (place.Length < width)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[8];
        ulong value = s_interesting[random.Next(s_interesting.Length)]
            + (ulong)(random.Next(3) - 1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes = bytes[..width];
        if (random.Next(2) == 0)
        {
            bytes.Reverse();
        }

        bytes.CopyTo(place);
    }
}
