namespace VMSeed.Blocks.Tests.Caching.Policy;

/// <summary>What disks are asked for: block numbers, in order. A block that is read in pieces comes
/// several times in a row.</summary>
internal static class Traces
{
    private const int BootBlocks = 1500;
    private const int Population = 20_000;
    private const int Scan = 60_000;
    private const int Pieces = 16;

    /// <summary>Draws by Zipf's law, nothing else.</summary>
    public static IEnumerable<int> Zipf(int seed, int count = 300_000, double exponent = 0.9)
    {
        double[] sums = new double[Population];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = sum += 1 / Math.Pow(i + 1, exponent);
        }

        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            int at = Array.BinarySearch(sums, random.NextDouble() * sum);
            yield return at < 0 ? ~at : at;
        }
    }

    /// <summary>Ten boots with work by Zipf between them, and after each a pass over a whole disk,
    /// read in pieces of 4 KiB.</summary>
    public static IEnumerable<int> BootsAndScans(int seed)
    {
        for (int day = 0; day < 10; day++)
        {
            for (int block = 0; block < BootBlocks; block++)
            {
                yield return -1 - block;
                yield return -1 - block;
            }

            foreach (int block in Zipf(seed + day, 20_000))
            {
                yield return block;
            }

            for (int i = 0; i < Scan * Pieces; i++)
            {
                yield return 1_000_000 + (day % 3 * Scan) + (i / Pieces);
            }
        }
    }

    /// <summary>Only boots, of an image that is half as large again as the cache.</summary>
    public static IEnumerable<int> Loop(int blocks, int rounds) =>
        Enumerable.Range(0, rounds * blocks).Select(i => i % blocks);
}
