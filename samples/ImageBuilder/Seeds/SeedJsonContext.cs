using System.Text.Json.Serialization;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>Generated code for <c>seed.json</c>, indented, for people look into it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(SeedDescription))]
internal sealed partial class SeedJsonContext : JsonSerializerContext;
