using System.Text.Json;
using System.Text.Json.Serialization;

namespace VMSeed.Guest.Settings;

/// <summary>What a seed is of: <c>seed.json</c> (docs/SEED-DISK.md, section 3).</summary>
internal sealed record SeedFile
{
    /// <summary>Where config.img puts it.</summary>
    public const string Path = "/etc/vmseed/seed.json";

    private const string KnownFormat = "vmseed-seed";
    private const int KnownVersion = 1;

    [JsonRequired]
    public required string Format { get; init; }

    [JsonRequired]
    public required int FormatVersion { get; init; }

    /// <summary>The GUID of the seed disk's GPT.</summary>
    public required Guid Disk { get; init; }

    /// <summary>When the seed was made: the clock cannot be earlier.</summary>
    public required DateTimeOffset Created { get; init; }

    public string? Proxy { get; init; }

    public required IReadOnlyList<SeedImage> Images { get; init; }

    /// <summary>Reads the file's content.</summary>
    /// <exception cref="FormatException">It is none, or one of a later format.</exception>
    public static SeedFile Parse(ReadOnlySpan<byte> json)
    {
        SeedFile? seed;
        try
        {
            seed = JsonSerializer.Deserialize(json, SeedJsonContext.Default.SeedFile);
        }
        catch (JsonException fault)
        {
            throw new FormatException($"{Path} cannot be read: {fault.Message}", fault);
        }

        return seed is not { Format: KnownFormat }
            ? throw new FormatException($"{Path} is not of the format {KnownFormat}.")
            : seed.FormatVersion != KnownVersion
                ? throw new FormatException(
                    $"{Path} is of version {seed.FormatVersion} of its format; this client knows "
                    + $"{KnownVersion}.")
            : seed.Images is not { Count: > 0 }
                ? throw new FormatException($"{Path} names no image.")
            : seed;
    }

    /// <summary>Finds an image.</summary>
    /// <param name="name">Its name; null for the first.</param>
    /// <exception cref="FormatException">The seed has none of that name.</exception>
    public SeedImage Find(string? name) => name is null ? Images[0]
        : Images.FirstOrDefault(image => image.Name == name)
        ?? throw new FormatException(
            $"The seed has no image '{name}', only "
            + $"{string.Join(", ", Images.Select(image => image.Name))}.");

    /// <summary>The same seed with another image in the place of the one of that name.</summary>
    public SeedFile With(SeedImage other) => this with
    {
        Images = [.. Images.Select(image => image.Name == other.Name ? other : image)],
    };

    public byte[] ToJson() =>
        JsonSerializer.SerializeToUtf8Bytes(this, SeedJsonContext.Default.SeedFile);
}
