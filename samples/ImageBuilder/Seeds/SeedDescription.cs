using System.Text.Json;
using System.Text.Json.Serialization;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>The file <c>seed.json</c>: what the guest client finds of the seed's making
/// (docs/SEED-DISK.md, section 3).</summary>
internal sealed record SeedDescription
{
    /// <summary>Where the guest client finds it.</summary>
    public const string Path = "etc/vmseed/seed.json";

    private const string KnownFormat = "vmseed-seed";
    private const int KnownVersion = 1;

    [JsonPropertyOrder(-2)]
    public string Format { get; init; } = KnownFormat;

    [JsonPropertyOrder(-1)]
    public int FormatVersion { get; init; } = KnownVersion;

    /// <summary>The seed's identifier.</summary>
    public required Guid Disk { get; init; }

    public required DateTimeOffset Created { get; init; }

    public Uri? Proxy { get; init; }

    public required IReadOnlyList<ImageDescription> Images { get; init; }

    public byte[] Write() =>
        JsonSerializer.SerializeToUtf8Bytes(this, SeedJsonContext.Default.SeedDescription);

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It is not of this form.</exception>
    public static SeedDescription Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            SeedDescription? read = JsonSerializer.Deserialize(
                bytes, SeedJsonContext.Default.SeedDescription);
            return read is { Format: KnownFormat, FormatVersion: KnownVersion }
                ? read
                : throw new InvalidDataException(
                    $"It is not of the form {KnownFormat} {KnownVersion}.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"It is no JSON of this form: {fault.Message}", fault);
        }
    }
}
