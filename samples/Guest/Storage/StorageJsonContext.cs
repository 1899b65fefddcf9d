using System.Text.Json.Serialization;

namespace VMSeed.Guest.Storage;

/// <summary>How the daemon's answers are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StorageStatus))]
internal sealed partial class StorageJsonContext : JsonSerializerContext;
