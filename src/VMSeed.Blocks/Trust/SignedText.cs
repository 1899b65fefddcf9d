using System.Text;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Trust;

// A signed file is its text and, behind it, one to eight minisign signatures of four lines each, so
// that a text never travels without its signatures, nor with those of another. The text ends, with
// its line feed, where the first line begins that starts with "untrusted comment: ". Behind the
// last signature nothing follows. With S signatures, stock tools split it (S = 1 here):
//
//     head -n -4 debian.vmseed > text
//     tail -n 4 debian.vmseed > text.minisig
//     minisign -V -m text -p key.pub

/// <summary>A text and the signatures that follow it in the same file; not verified yet.</summary>
internal sealed class SignedText
{
    /// <summary>
    /// Bytes of a whole file. Heads have to carry an index page inline and the mirrors; beyond
    /// that, each byte is one that an attacker may have us download and hold before anything is
    /// verified.
    /// </summary>
    public const int MaxFileSize = 64 * 1024;

    /// <summary>
    /// Signatures of a file: room for the old and the new key of several signers at a change of
    /// keys; more would only be work for the verifier.
    /// </summary>
    public const int MaxSignatures = 8;

    private SignedText(
        ReadOnlyMemory<byte> body, IReadOnlyList<Signature> signatures, string source)
    {
        Body = body;
        Signatures = signatures;
        Source = source;
    }

    /// <summary>What is signed, up to and with its last line feed.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Empty where the file carries none: the policy decides on that.</summary>
    public IReadOnlyList<Signature> Signatures { get; }

    /// <summary>The address or path, for messages.</summary>
    public string Source { get; }

    /// <summary>Parts a file.</summary>
    /// <param name="file">All bytes of the file, of which the result keeps a part.</param>
    /// <param name="source">The file's address or path, for messages.</param>
    /// <exception cref="BlockIOException">
    /// Refused: too large, or signatures of another form.
    /// </exception>
    public static SignedText Split(ReadOnlyMemory<byte> file, string source)
    {
        if (file.Length > MaxFileSize)
            throw Refuse(source, $"it has {file.Length} bytes; the limit is {MaxFileSize}");
        int end = EndOfBody(file.Span);
        try
        {
            return new SignedText(file[..end], ReadSignatures(file.Span[end..]), source);
        }
        catch (FormatException fault)
        {
            throw Refuse(source, fault.Message.TrimEnd('.'), fault);
        }
    }

    /// <summary>Joins a text and its signatures to one file.</summary>
    /// <exception cref="ArgumentException">The result could not be split again.</exception>
    public static byte[] Compose(ReadOnlySpan<byte> body, IReadOnlyList<Signature> signatures)
    {
        if (body.IsEmpty || body[^1] != '\n' || EndOfBody(body) != body.Length)
        {
            throw new ArgumentException(
                "A text to sign ends with a line feed, and none of its lines begins with"
                + $" '{MinisignFormat.UntrustedPrefix}'.",
                nameof(body));
        }

        if (signatures.Count > MaxSignatures)
        {
            throw new ArgumentException(
                $"{signatures.Count} signatures; the limit is {MaxSignatures}.",
                nameof(signatures));
        }

        byte[] file = [.. body, .. Encoding.UTF8.GetBytes(string.Concat(signatures))];
        return file.Length <= MaxFileSize ? file : throw new ArgumentException(
            $"The signed file has {file.Length} bytes; the limit is {MaxFileSize}.", nameof(body));
    }

    private static int EndOfBody(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith("untrusted comment: "u8))
            return 0;
        int feed = file.IndexOf("\nuntrusted comment: "u8);
        return feed < 0 ? file.Length : feed + 1;
    }

    private static List<Signature> ReadSignatures(ReadOnlySpan<byte> rest)
    {
        List<Signature> signatures = [];
        while (!rest.IsEmpty)
        {
            if (signatures.Count == MaxSignatures)
            {
                throw new FormatException(
                    $"Something follows the signature number {MaxSignatures}, which is the limit.");
            }

            signatures.Add(Signature.Parse(
                NextLine(ref rest), NextLine(ref rest), NextLine(ref rest), NextLine(ref rest)));
        }
        return signatures;
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> rest)
    {
        int feed = rest.IndexOf((byte)'\n');
        if (feed < 0)
        {
            throw new FormatException(
                "A signature is cut off: it has four lines, each with a feed.");
        }

        ReadOnlySpan<byte> line = rest[..feed];
        rest = rest[(feed + 1)..];
        return line;
    }

    private static BlockIOException Refuse(string source, string fact, Exception? inner = null) =>
        new(FailureReason.Refused, $"The signed file {source} is refused: {fact}.", inner)
        {
            ObjectName = source,
        };
}
