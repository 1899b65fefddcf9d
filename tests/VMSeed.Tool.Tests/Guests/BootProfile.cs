using System.Globalization;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>What <c>--record</c> has written.</summary>
internal static class BootProfile
{
    /// <summary>The numbers of the blocks that were touched.</summary>
    public static HashSet<long> BlocksOf(string file, int blockSize)
    {
        HashSet<long> blocks = [];
        foreach (string line in File.ReadLines(file).Where(line => line[0] != '#'))
        {
            string[] words = line.Split(' ');
            long offset = long.Parse(words[0], CultureInfo.InvariantCulture);
            long length = long.Parse(words[1], CultureInfo.InvariantCulture);
            for (long block = offset / blockSize; block * blockSize < offset + length; block++)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }
}
