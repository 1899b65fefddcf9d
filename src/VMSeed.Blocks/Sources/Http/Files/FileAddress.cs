using System.Net.Http.Headers;

namespace VMSeed.Blocks.Sources.Http.Files;

/// <summary>The address of one file on the web, and of those that lie beside it.</summary>
/// <remarks>A query goes with every request, and with those for the files beside it: see
/// <see cref="WebAddress"/>. A fragment goes nowhere.</remarks>
internal sealed class FileAddress
{
    /// <summary>Characters of an address: signed queries have a few hundred; no server takes
    /// 8192.</summary>
    private const int LongestText = 8192;

    /// <summary>Characters of a file's name: what file systems allow.</summary>
    private const int LongestName = 255;

    private readonly Uri _uri;
    private readonly AuthenticationHeaderValue? _authorization;

    /// <summary>Splits an address.</summary>
    /// <param name="uri">An absolute http or https address.</param>
    /// <param name="authorization">Credentials in place of those of the address; null for
    /// those.</param>
    private FileAddress(Uri uri, AuthenticationHeaderValue? authorization)
    {
        (_uri, _authorization) = (uri, authorization);
        string path = uri.AbsolutePath;
        int name = path.LastIndexOf('/') + 1;
        Name = path[name..];
        Folder = new WebAddress(Beside(path[..name]), authorization);
    }

    /// <summary>The file's name, escaped; empty where the address ends in a slash.</summary>
    public string Name { get; }

    /// <summary>The folder that it lies in.</summary>
    public WebAddress Folder { get; }

    /// <summary>Reads what a user gave.</summary>
    /// <param name="text">An absolute http or https address.</param>
    /// <param name="authorization">Credentials in place of those of the address; null for
    /// those.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">It is none.</exception>
    public static FileAddress Parse(string text, AuthenticationHeaderValue? authorization)
    {
        bool isAddress = text.Length <= LongestText
            && !text.AsSpan().ContainsAnyInRange('\0', '\x1f')
            && Uri.TryCreate(text, UriKind.Absolute, out _);
        return isAddress && new Uri(text) is { Scheme: "http" or "https" } uri
            ? new FileAddress(uri, authorization)
            : throw new FormatException(
                "The address of a file on the web is like https://example.org/disks/disk.vmdk; "
                + $"the one given, of {text.Length} characters, is not.");
    }

    /// <summary>The address of another file in the same folder.</summary>
    /// <param name="name">Its name, not escaped.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentException">The name is none of a file in this folder.</exception>
    public FileAddress Sibling(string name)
    {
        bool isName = name.Length is > 0 and <= LongestName
            && name is not ("." or "..")
            && !name.AsSpan().ContainsAny('/', '\\')
            && !name.AsSpan().ContainsAnyInRange('\0', '\x1f');
        if (!isName)
        {
            throw new ArgumentException(
                $"A file beside {this} has a name of 1 to {LongestName} characters without '/', "
                + $"'\\' and control characters, which is not '.' or '..'; {name.Length} "
                + "characters were given that are not such a name.",
                nameof(name));
        }

        string folder = _uri.AbsolutePath[..(_uri.AbsolutePath.LastIndexOf('/') + 1)];
        return new FileAddress(
            Beside(folder + Uri.EscapeDataString(name)), _authorization);
    }

    /// <summary>What the file is named by in the cache: with its query, which may choose the file,
    /// and without the user's name.</summary>
    /// <returns>The text.</returns>
    public string ToKey() => _uri.GetComponents(
        UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped);

    /// <summary>The address without secrets.</summary>
    /// <returns>The text, for messages.</returns>
    public override string ToString() => WebAddress.Display(_uri);

    private Uri Beside(string path) =>
        new(_uri.GetLeftPart(UriPartial.Authority) + path + _uri.Query);
}
