using System.Globalization;

namespace VMSeed.ImageBuilder.Warming;

/// <summary>What a boot reads, in the order of first touch: the file that <c>vmseed run
/// --record</c> writes.</summary>
public static class TouchList
{
    // Lines of 4 KiB each of a disk of 4 GiB; a boot has some thousands.
    private const int MaxLines = 1 << 20;

    /// <summary>Reads such a file: offset and length in bytes on every line that does not begin
    /// with #.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The ranges.</returns>
    /// <exception cref="ImageBuilderException">A line is not of that form, or there are more than
    /// a million.</exception>
    public static IReadOnlyList<(long Offset, long Length)> Read(string path)
    {
        List<(long Offset, long Length)> ranges = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            string[] words = line.Split(' ');
            if (number > MaxLines || words.Length != 2
                || !Parse(words[0], out long offset) || !Parse(words[1], out long length))
            {
                throw new ImageBuilderException(
                    ImageBuilderFault.Damaged,
                    $"Line {number} of {path} is no offset and length of a boot that 'vmseed run "
                    + "--record' has written.");
            }

            ranges.Add((offset, length));
        }

        return ranges;
    }

    private static bool Parse(string text, out long number) => long.TryParse(
        text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
