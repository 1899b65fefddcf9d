using System.Globalization;

namespace VMSeed.Guest.Storage;

/// <summary>Progress as the daemon tells it: "DONE TOTAL", in bytes.</summary>
internal static class PrefetchLine
{
    private const int MiB = 1 << 20;

    /// <summary>Puts it into words.</summary>
    public static string Describe(string line)
    {
        string[] numbers = line.Split(' ');
        return numbers.Length == 2
            && long.TryParse(numbers[0], CultureInfo.InvariantCulture, out long done)
            && long.TryParse(numbers[1], CultureInfo.InvariantCulture, out long total)
            && total > 0
            ? FormattableString.Invariant(
                $"fetched {done / MiB} of {total / MiB} MiB ({done * 100 / total} %)")
            : line;
    }
}
