using System.Globalization;

namespace VMSeed.Tool.Output;

/// <summary>Moments for people: the same text in every place of the world.</summary>
internal static class Moment
{
    public static string Format(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
