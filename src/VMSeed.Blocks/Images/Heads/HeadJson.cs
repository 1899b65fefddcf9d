using System.Text.Json;
using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>The JSON of a head (docs/IMAGE-FORMAT.md, section 6).</summary>
internal static class HeadJson
{
    /// <summary>A larger root page is fetched: beside it, a head must have room for everything
    /// else.</summary>
    public const int MaxInlineLength = 24 * 1024;

    // What file systems take, in their units.
    private const int MaxFileNameLength = 255;

    /// <summary>What a boot file can be.</summary>
    public static IReadOnlyList<string> BootRoles { get; } =
        ["kernel", "initrd", "modules", "firmware", "other"];

    /// <summary>Whether an address can be a mirror's.</summary>
    public static bool IsMirror(Uri? address) =>
        address is { IsAbsoluteUri: true, Scheme: "http" or "https" };

    /// <summary>Whether a boot file can be called that: who stores it under its name must be
    /// safe.</summary>
    public static bool IsBootFile(string? role, string? name) =>
        BootRoles.Contains(role)
        && name is { Length: > 0 and <= MaxFileNameLength } && name[0] != '.'
        && !name.AsSpan().ContainsAny('/', '\\')
        && !name.Any(char.IsControl);

    /// <summary>Writes a head: the text that is signed.</summary>
    public static byte[] Write(ImageHead head)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            head, HeadJsonContext.Default.ImageHead);
        return [.. json, (byte)'\n'];
    }

    /// <summary>Reads a head and holds it to what the format demands.</summary>
    /// <exception cref="InvalidDataException">It is not one that this reader can use.</exception>
    public static ImageHead Read(ReadOnlySpan<byte> text)
    {
        try
        {
            ImageHead head = JsonSerializer.Deserialize(text, HeadJsonContext.Default.ImageHead)
                ?? throw new InvalidDataException("The head is null.");
            Check(head);
            return head;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"The head is not valid: {exception.Message}", exception);
        }
    }

    private static void Check(ImageHead head)
    {
        Check(
            head.Format == ImageHead.FormatName,
            $"The file's format is '{head.Format}', not '{ImageHead.FormatName}'.");
        Check(
            head.FormatVersion == ImageHead.KnownFormat,
            $"The head is of format {head.FormatVersion}; {ImageHead.KnownFormat} is known here.");
        Check(
            head.Critical.Count == 0,
            $"The image needs a reader that knows: {string.Join(", ", head.Critical)}.");
        Check(RepositoryPaths.IsImageName(head.Name), $"'{head.Name}' is no name of an image.");
        Check(head.Version > 0, $"The version {head.Version} is not positive.");
        Check(head.SignedAt >= head.Created, "The head is signed before its version was made.");
        var geometry = new ImageGeometry(head.Disk.Length, head.Disk.BlockSize, head.Index.Fanout);
        Check(
            geometry.Levels == head.Index.Levels,
            $"The index has {head.Index.Levels} levels where {geometry.Levels} belong.");
        Check(
            head.Index.Length is > 0 and <= Envelope.MaxPlainLength + Envelope.HeaderSize,
            $"A root page of {head.Index.Length} bytes cannot be.");
        Check(
            head.Index.Inline.IsEmpty
                || (head.Index.Inline.Length == head.Index.Length
                    && head.Index.Length <= MaxInlineLength),
            $"An inline root of {head.Index.Inline.Length} bytes cannot be.");
        Check(head.Mirrors.All(IsMirror), "A mirror is not an absolute http or https address.");
        CheckReferences(head);
    }

    private static bool IsInside(PackRange range) =>
        range is { Offset: >= PackFormat.HeaderSize, Length: > 0 }
        && range.PackLength <= PackFormat.MaxLength
        && range.Offset <= range.PackLength - PackFormat.FooterSize - range.Length;

    private static void CheckReferences(ImageHead head)
    {
        long blocks = head.Content.DataBlocks + head.Content.ZeroBlocks;
        Check(
            head.Content is { DataBlocks: >= 0, ZeroBlocks: >= 0, StoredBytes: >= 0 }
                && blocks >= 0,
            "The content has a negative count.");
        Check(
            head.Profile is null
                or { Length: > 0 and <= Envelope.MaxPlainLength + Envelope.HeaderSize },
            $"A profile of {head.Profile?.Length} bytes cannot be.");
        Check(
            head.Profile?.First is not { } first || IsInside(first),
            "The profile's first frames leave their pack.");
        Check(
            head.Boot?.Files.All(f => f is { Length: >= 0 } && IsBootFile(f.Role, f.Name)) ?? true,
            "A boot file's role, name or length cannot be.");
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidDataException(message);
        }
    }
}
