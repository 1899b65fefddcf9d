using System.Text.Json.Serialization;

namespace VMSeed.Guest.Settings;

/// <summary>How seeds are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(SeedFile))]
internal sealed partial class SeedJsonContext : JsonSerializerContext;
