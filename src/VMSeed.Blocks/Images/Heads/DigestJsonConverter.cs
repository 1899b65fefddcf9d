using System.Text.Json;
using System.Text.Json.Serialization;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>A digest as sixty-four hexadecimal digits.</summary>
internal sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out Digest digest)
            ? digest
            : throw new JsonException("A digest is not sixty-four hexadecimal digits.");

    public override void Write(
        Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
