using System.Globalization;

namespace VMSeed.Tool.CommandLine;

/// <summary>Sizes as people write them: 4096, 4K, 1M, 1.5GiB.</summary>
/// <remarks>K, M, G and T are powers of 1,024, with or without <c>iB</c>. KB and MB mean different
/// things to different people, so they are not taken.</remarks>
internal static class ByteSize
{
    public const string Expected = "a size in bytes, or one like 4K, 1M, 1.5GiB";

    private const string Units = "KMGTPE";

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string number = text.EndsWith("iB", StringComparison.Ordinal) ? text[..^2] : text;
        int power = number.Length > 0
            ? Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal) + 1
            : 0;
        number = power > 0 ? number[..^1] : number;
        bool hasUnit = power > 0 || number.Length == text.Length;
        if (!hasUnit
            || !decimal.TryParse(
                number,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out decimal value))
        {
            return false;
        }

        decimal size = value * (1L << (10 * power));
        bool fits = size <= long.MaxValue && size == decimal.Truncate(size);
        bytes = fits ? (long)size : 0;
        return fits;
    }

    /// <summary>Three or four digits and a binary unit: 17 B, 64 KiB, 1.44 MiB, 233 GiB.</summary>
    public static string Format(long bytes)
    {
        int power = 0;
        double value = bytes;
        while (value >= 1000 && power < Units.Length)
        {
            value /= 1024;
            power++;
        }

        string unit = power == 0 ? "B" : $"{Units[power - 1]}iB";
        bool isWhole = value == Math.Truncate(value);
        string digits = isWhole || value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00";
        return value.ToString(digits, CultureInfo.InvariantCulture) + " " + unit;
    }
}
