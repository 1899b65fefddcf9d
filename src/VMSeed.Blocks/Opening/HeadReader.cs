using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Opening;

/// <summary>Makes a head of a file's bytes, and nothing of bytes that no pinned key vouches
/// for.</summary>
/// <param name="image">The image that it must be of.</param>
/// <param name="path">Where it is in its repository.</param>
/// <param name="place">The repository, for messages.</param>
/// <param name="trust">Whose signature is demanded.</param>
internal sealed class HeadReader(string image, string path, string place, TrustPolicy trust)
{
    /// <summary>Reads a head.</summary>
    /// <param name="file">The file's bytes, of which the result keeps a part.</param>
    /// <returns>The head.</returns>
    /// <exception cref="BlockIOException">Refused: its signature, its form, or its
    /// image.</exception>
    public VerifiedHead Read(ReadOnlyMemory<byte> file)
    {
        SignedText text = SignedText.Split(file, path);
        IReadOnlyList<PublicKey> signers = trust.Verify(text);
        try
        {
            ImageHead head = HeadJson.Read(text.Body.Span);
            return head.Name == image
                ? new VerifiedHead(
                    head, signers, [.. text.Signatures.Select(one => one.KeyId)], file)
                : throw Refused($"it is the head of '{head.Name}'");
        }
        catch (InvalidDataException exception)
        {
            throw Refused(exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Reads a head where there is one.</summary>
    /// <param name="file">The file's bytes, of which the result keeps a part.</param>
    /// <returns>The head; null where <see cref="Read"/> would refuse it.</returns>
    public VerifiedHead? TryRead(ReadOnlyMemory<byte> file)
    {
        try
        {
            return Read(file);
        }
        catch (BlockIOException)
        {
            return null;
        }
    }

    private BlockIOException Refused(string fact, Exception? inner = null) =>
        new(FailureReason.Refused, $"The head {path} from {place} is refused: {fact}.", inner)
        {
            ObjectName = path,
        };
}
