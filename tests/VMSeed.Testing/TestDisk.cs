namespace VMSeed.Testing;

/// <summary>Bytes such as a disk holds: text that compresses, noise that does not, zeros,
/// repetitions.</summary>
public static class TestDisk
{
    // Blocks of any size see pieces that are shorter than they are, as long, and longer.
    private const int MaxPiece = 200_000;

    /// <summary>Makes a file of that mixture; its zeros are holes.</summary>
    public static void Write(string path, long length, int seed)
    {
        var random = new Random(seed);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, length);
        byte[] repeated = Noise(random, MaxPiece);
        for (long offset = 0; offset < length;)
        {
            int count = (int)Math.Min(random.Next(1, MaxPiece), length - offset);
            byte[]? piece = random.Next(4) switch
            {
                0 => Text(random, count),
                1 => Noise(random, count),
                2 => repeated[..count],
                _ => null,
            };
            if (piece is not null)
            {
                RandomAccess.Write(file, piece, offset);
            }

            offset += count;
        }
    }

    /// <summary>Bytes that no codec makes smaller.</summary>
    public static byte[] Noise(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Bytes that every codec makes smaller.</summary>
    public static byte[] Text(Random random, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)("etaoin shrdlu"[random.Next(13)]);
        }

        return bytes;
    }
}
