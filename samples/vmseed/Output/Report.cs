using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VMSeed.Tool.Output;

/// <summary>What a verb found, on the standard output: aligned lines for people, or JSON.</summary>
internal static class Report
{
    // Addresses and names stay legible: the output is no HTML.
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void WriteJson(object report) => Console.Out.WriteLine(ToJson(report));

    public static string ToJson(object report) => JsonSerializer.Serialize(report, _json);

    /// <summary>One fact a line; facts without a value are left out.</summary>
    public static void WriteFacts(params (string Label, string? Value)[] facts)
    {
        int width = facts.Max(fact => fact.Label.Length);
        foreach ((string label, string? value) in facts.Where(fact => fact.Value is not null))
        {
            Console.Out.WriteLine($"{label.PadRight(width)}  {value}");
        }
    }

    /// <summary>Rows under a heading, columns as wide as they must be.</summary>
    public static void WriteTable(IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => IsNumber(cell)
                ? cell.PadLeft(widths[column])
                : cell.PadRight(widths[column]));
            Console.Out.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static bool IsNumber(string cell) => cell.Length > 0 && char.IsAsciiDigit(cell[0]);
}
