using System.Globalization;

namespace VMSeed.Tool.CommandLine;

/// <summary>Durations as people write them: 5s, 12h, 30d, 1d12h.</summary>
internal static class Duration
{
    public const string Expected = "a duration like 5s, 12h, 30d or 1d12h";

    private static readonly (string Unit, TimeSpan Length)[] _units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
        ("w", TimeSpan.FromDays(7)),
        ("y", TimeSpan.FromDays(365)),
    ];

    // A thousand years: no sum overflows, and no clock runs further.
    private static readonly TimeSpan _longest = TimeSpan.FromDays(365_000);

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text.IsEmpty)
        {
            return false;
        }

        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0
                || !int.TryParse(text[..digits], CultureInfo.InvariantCulture, out int number))
            {
                return false;
            }

            text = text[digits..];
            int end = text.IndexOfAnyInRange('0', '9');
            string unit = text[..(end < 0 ? text.Length : end)].ToString();
            TimeSpan length = Array.Find(_units, known => known.Unit == unit).Length;
            if (length == TimeSpan.Zero || number * length.TotalDays > _longest.TotalDays)
            {
                return false;
            }

            duration += number * length;
            text = text[unit.Length..];
        }

        return duration <= _longest;
    }

    /// <summary>The two largest units: 45 s, 3 min 20 s, 2 d 4 h.</summary>
    public static string Format(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 10 } => $"{duration.TotalSeconds:0.00} s",
        { TotalMinutes: < 1 } => $"{duration.TotalSeconds:0.0} s",
        { TotalHours: < 1 } => $"{(int)duration.TotalMinutes} min {duration.Seconds} s",
        { TotalDays: < 1 } => $"{(int)duration.TotalHours} h {duration.Minutes} min",
        _ => $"{(int)duration.TotalDays} d {duration.Hours} h",
    };
}
