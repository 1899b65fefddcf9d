using System.Buffers;
using System.Text;
using System.Text.Json;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Trust.Freshness;

// One line of text, then JSON:
//
//     vmseed-accepted-head 1 <SHA-256 of the JSON>
//     {"name":…,"version":…,…,"file":"<base64>"}
//
// The digest finds damage, not forgery: who can write here can also delete. Behind it the JSON is
// this program's own, and is read as such.

/// <summary>The bytes in which an <see cref="AcceptedHead"/> is kept.</summary>
internal static class AcceptedHeadFile
{
    /// <summary>The base64 of the largest signed file, and room for the other members.</summary>
    public const int MaxSize = (SignedText.MaxFileSize * 4 / 3) + 4096;

    private const string Magic = "vmseed-accepted-head 1 ";

    private static readonly int _headerSize = Magic.Length + (Digest.Size * 2) + 1;

    public static byte[] Write(AcceptedHead head)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", head.Facts.Name);
            json.WriteNumber("version", head.Facts.Version);
            json.WriteString("signed", head.Facts.Signed);
            if (head.Facts.Expires is DateTimeOffset expires)
            {
                json.WriteString("expires", expires);
            }

            json.WriteString("content", head.Facts.Content.ToString());
            json.WriteString("lastSeen", head.LastSeen);
            json.WriteBase64String("file", head.File.Span);
            json.WriteEndObject();
        }

        byte[] header = Encoding.ASCII.GetBytes($"{Magic}{Digest.Of(buffer.WrittenSpan)}\n");
        return [.. header, .. buffer.WrittenSpan];
    }

    /// <summary>
    /// Reads what <see cref="Write"/> wrote; null when it is damaged or of another version.
    /// </summary>
    public static AcceptedHead? Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length <= _headerSize)
        {
            return null;
        }

        ReadOnlyMemory<byte> text = bytes[_headerSize..];
        byte[] header = Encoding.ASCII.GetBytes($"{Magic}{Digest.Of(text.Span)}\n");
        if (!bytes.Span[.._headerSize].SequenceEqual(header))
        {
            return null;
        }

        using JsonDocument json = JsonDocument.Parse(text);
        JsonElement root = json.RootElement;
        return new AcceptedHead(
            ReadFacts(root),
            root.GetProperty("file").GetBytesFromBase64(),
            root.GetProperty("lastSeen").GetDateTimeOffset());
    }

    private static HeadFacts ReadFacts(JsonElement root)
    {
        bool ends = root.TryGetProperty("expires", out JsonElement expires);
        _ = Digest.TryParse(root.GetProperty("content").GetString(), out Digest content);
        return new HeadFacts(
            root.GetProperty("name").GetString()!,
            root.GetProperty("version").GetInt64(),
            root.GetProperty("signed").GetDateTimeOffset(),
            ends ? expires.GetDateTimeOffset() : null,
            content);
    }
}
