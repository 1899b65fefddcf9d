using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>A time as RFC 3339 has it, in UTC and whole seconds.</summary>
internal sealed class SecondsJsonConverter : JsonConverter<DateTimeOffset>
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.TryParseExact(
            reader.GetString(),
            Form,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset time)
            ? time
            : throw new JsonException("A time is not of the form 2026-01-31T23:59:59Z.");

    public override void Write(
        Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Format(value));

    /// <summary>The form of a head's times.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);
}
