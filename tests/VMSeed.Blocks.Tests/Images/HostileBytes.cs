namespace VMSeed.Blocks.Tests.Images;

/// <summary>Damages good bytes in the ways that parsers fail on, and holds parsers to their one
/// exception.</summary>
internal static class HostileBytes
{
    /// <summary>Runs a parser on damaged variants of an input: it gives a value or an
    /// <see cref="InvalidDataException"/>, and allocates no more than it may.</summary>
    public static void Feed(byte[] good, int rounds, long maxAllocated, Action<byte[]> parse)
    {
        parse(good);
        var random = new Random(20260101);
        int accepted = 0;
        for (int round = 0; round < rounds; round++)
        {
            byte[] bad = Damage(good, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                parse(bad);
                accepted++;
            }
            catch (InvalidDataException)
            {
                // What is asked for.
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= maxAllocated, $"Round {round} took {allocated} bytes.");
        }

        Assert.NotEqual(rounds, accepted);
    }

    private static byte[] Damage(byte[] good, Random random)
    {
        byte[] bad = [.. good];
        for (int i = random.Next(1, 4); i > 0 && bad.Length > 0; i--)
        {
            switch (random.Next(6))
            {
                case 0:
                    bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bad[random.Next(Math.Min(48, bad.Length))] = (byte)random.Next(256);
                    break;
                case 2:
                    // An extreme number where a count, an offset or a length may stand.
                    int at = random.Next(bad.Length) & ~3;
                    byte fill = random.Next(2) == 0 ? (byte)0xFF : (byte)0x00;
                    bad.AsSpan(at, Math.Min(4, bad.Length - at)).Fill(fill);
                    break;
                case 3:
                    bad = bad[..random.Next(bad.Length)];
                    break;
                case 4:
                    bad = [.. bad, .. new byte[random.Next(1, 100)]];
                    break;
                default:
                    random.NextBytes(bad.AsSpan(random.Next(bad.Length)));
                    break;
            }
        }

        return bad;
    }
}
