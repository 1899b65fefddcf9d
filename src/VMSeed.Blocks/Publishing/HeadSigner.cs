using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing;

/// <summary>Signs heads anew, for a later expiry or another key, without touching what they stand
/// for.</summary>
public static class HeadSigner
{
    /// <summary>Signs the newest head of an image, and the copy under its version.</summary>
    /// <param name="options">Which, with what, until when.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The head as it is now.</returns>
    /// <exception cref="ArgumentException">The options are not valid, or the signatures would be
    /// too many.</exception>
    /// <exception cref="InvalidDataException">The head is damaged.</exception>
    /// <exception cref="FileNotFoundException">The image was never published here.</exception>
    /// <exception cref="IOException">The repository cannot be written, or is locked.</exception>
    public static async Task<ImageHead> SignAsync(
        SignOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        TimeProvider time = options.TimeProvider;
        var folder = RepositoryFolder.Open(options.RepositoryPath, time);
        using RepositoryLock shared = await RepositoryLock
            .ShareAsync(folder, time, cancellationToken).ConfigureAwait(false);
        using RepositoryLock own = await RepositoryLock
            .OwnHeadsAsync(folder, options.Name, time, cancellationToken).ConfigureAwait(false);
        var heads = new HeadStore(folder, options.Name);
        if (!File.Exists(heads.NewestPath))
        {
            throw new FileNotFoundException(
                $"There is no image '{options.Name}' in {folder.Root}.", heads.NewestPath);
        }

        (ImageHead head, SignedText text) = heads.Read(heads.NewestPath);
        byte[] body = options.KeepSignatures ? text.Body.ToArray() : Redate(head, text, options);
        ImageHead signed = HeadJson.Read(body);
        List<Signature> signatures = SigningRules.Sign(
            body, head.Name, head.Version, signed.SignedAt, options.Keys);
        if (options.KeepSignatures)
        {
            signatures.InsertRange(0, text.Signatures.Where(
                old => !options.Keys.Any(key => old.Claims(key.PublicKey))));
        }

        heads.Write(head.Version, SignedText.Compose(body, signatures));
        return signed;
    }

    // The text is edited and not written from what this version of the program understood of it:
    // members that it does not know stay.
    private static byte[] Redate(ImageHead head, SignedText text, SignOptions options)
    {
        DateTimeOffset now = SigningRules.WholeSeconds(options.TimeProvider.GetUtcNow());
        DateTimeOffset signed = now > head.Created ? now : head.Created;
        DateTimeOffset? expires = options.Expires ?? now + options.ExpiresAfter;
        JsonObject json = JsonNode.Parse(text.Body.Span)!.AsObject();
        json["signed"] = SecondsJsonConverter.Format(signed);
        if (expires is { } end)
        {
            json["expires"] = SecondsJsonConverter.Format(end);
        }
        else
        {
            json.Remove("expires");
        }

        // The root page's base64 keeps its plus signs.
        var form = new JsonSerializerOptions(HeadJsonContext.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        return Encoding.UTF8.GetBytes(json.ToJsonString(form) + "\n");
    }
}
