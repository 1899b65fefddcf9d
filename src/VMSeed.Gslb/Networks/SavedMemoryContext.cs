using System.Text.Json.Serialization;

namespace VMSeed.Gslb.Networks;

/// <summary>How the file is read strictly, and written the same way every time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(SavedMemory))]
internal sealed partial class SavedMemoryContext : JsonSerializerContext;
