using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace VMSeed.Tool.CommandLine;

/// <summary>Options whose values have a unit.</summary>
internal static class Quantities
{
    private delegate bool TryParse<T>(string text, out T value);

    public static Option<long?> Size(string name, string description) =>
        Create<long>(name, description, "SIZE", ByteSize.TryParse, ByteSize.Expected);

    public static Option<TimeSpan?> Time(string name, string description) =>
        Create<TimeSpan>(name, description, "TIME", ParseTime, Duration.Expected);

    /// <summary>A moment: so long from now, or a date.</summary>
    public static Option<DateTimeOffset?> Moment(string name, string description) =>
        Create<DateTimeOffset>(
            name,
            description,
            "TIME|DATE",
            ParseMoment,
            "a duration like 90d, or a date like 2030-12-31");

    private static Option<T?> Create<T>(
        string name, string description, string shape, TryParse<T> parse, string expected)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = shape,
            CustomParser = result => Parse(result, name, parse, expected),
        };

    private static T? Parse<T>(
        ArgumentResult result, string name, TryParse<T> parse, string expected)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        if (parse(text, out T value))
        {
            return value;
        }

        result.AddError($"'{text}' for {name} is not {expected}.");
        return null;
    }

    private static bool ParseTime(string text, out TimeSpan value) =>
        Duration.TryParse(text, out value);

    private static bool ParseMoment(string text, out DateTimeOffset value)
    {
        if (Duration.TryParse(text, out TimeSpan fromNow))
        {
            value = TimeProvider.System.GetUtcNow() + fromNow;
            return true;
        }

        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out value);
    }
}
