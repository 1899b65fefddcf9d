using System.Text.Json;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>The JSON of a head (docs/IMAGE-FORMAT.md, section 6).</summary>
internal static class HeadJson
{
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
            head.Mirrors.All(m => m.IsAbsoluteUri && m.Scheme is "http" or "https"),
            "A mirror is not an absolute http or https address.");
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidDataException(message);
        }
    }
}
