using System.Text.Json.Serialization;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>How a head is read strictly and written the same way every time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 8,
    WriteIndented = true,
    NewLine = "\n",
    Converters = [typeof(DigestJsonConverter), typeof(SecondsJsonConverter)])]
[JsonSerializable(typeof(ImageHead))]
internal sealed partial class HeadJsonContext : JsonSerializerContext;
