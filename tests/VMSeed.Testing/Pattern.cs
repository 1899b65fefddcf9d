using System.Text;

namespace VMSeed.Testing;

/// <summary>Contents for disks, the same for the same seed.</summary>
public static class Pattern
{
    // A run of one kind on a made-up disk is a few of these long; small against any block size's
    // run.
    private const int Unit = 4096;

    /// <summary>Bytes that no codec makes smaller.</summary>
    public static byte[] Random(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Text that a codec makes much smaller, without two equal blocks.</summary>
    public static byte[] Text(int length, int seed)
    {
        string[] words = ["seed", "disk", "block", "grows", "as", "it", "is", "used", "\n"];
        Random random = new(seed);
        StringBuilder text = new(length + 16);
        while (text.Length < length)
        {
            text.Append(words[random.Next(words.Length)]).Append(random.Next(1000)).Append(' ');
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    /// <summary>What disks are like: runs of zeros, of text, of noise, and of what was there
    /// before.</summary>
    public static byte[] Disk(int length, int seed)
    {
        byte[] disk = new byte[length];
        Random random = new(seed);
        for (int offset = 0; offset < length;)
        {
            int run = Math.Min(random.Next(1, 32) * Unit, length - offset);
            Fill(disk, offset, run, random);
            offset += run;
        }

        return disk;
    }

    private static void Fill(byte[] disk, int offset, int run, Random random)
    {
        Span<byte> target = disk.AsSpan(offset, run);
        switch (random.Next(4))
        {
            case 0:
                break; // A hole.
            case 1:
                Text(run, random.Next()).CopyTo(target);
                break;
            case 2 when offset >= run:
                int from = random.Next((offset - run) / Unit + 1) * Unit;
                disk.AsSpan(from, run).CopyTo(target);
                break;
            default:
                random.NextBytes(target);
                break;
        }
    }
}
