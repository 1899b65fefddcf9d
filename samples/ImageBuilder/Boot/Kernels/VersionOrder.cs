namespace VMSeed.ImageBuilder.Boot.Kernels;

/// <summary>Puts releases in the order of their age: runs of digits count as numbers, so that
/// 6.10 comes after 6.9.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static readonly VersionOrder Instance = new();

    private VersionOrder()
    {
    }

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x;
        ReadOnlySpan<char> right = y;
        while (left.Length > 0 && right.Length > 0)
        {
            bool digits = char.IsAsciiDigit(left[0]) && char.IsAsciiDigit(right[0]);
            int order = digits
                ? CompareNumbers(Take(ref left), Take(ref right))
                : left[0].CompareTo(right[0]);
            if (order != 0)
            {
                return order;
            }

            left = digits ? left : left[1..];
            right = digits ? right : right[1..];
        }

        return left.Length.CompareTo(right.Length);
    }

    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> number = end < 0 ? text : text[..end];
        text = text[number.Length..];
        return number.TrimStart('0');
    }

    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right) =>
        left.Length != right.Length
            ? left.Length.CompareTo(right.Length)
            : left.SequenceCompareTo(right);
}
