using System.Net.Http.Headers;
using System.Text;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>A folder on the web, such as a repository's, and the addresses of its
/// files.</summary>
/// <remarks>
/// The query of the root goes with every request: the tokens of content networks that cover a
/// folder (a shared access signature of a container, a signed policy with a wildcard, a token with
/// an access list) ride there, and without it no object could be had. A server that does not know
/// it ignores it. A user name and password become an Authorization field (RFC 7617), which
/// redirects drop; over plain http they travel in the clear, as the user asked. The fragment goes
/// nowhere. Messages show neither of the three.
/// </remarks>
internal sealed class WebAddress
{
    private readonly string _root;
    private readonly string _query;
    private readonly AuthenticationHeaderValue? _authorization;

    /// <summary>Reads an address.</summary>
    /// <param name="root">The folder's.</param>
    /// <param name="authorization">Credentials in place of those in the address.</param>
    public WebAddress(Uri root, AuthenticationHeaderValue? authorization = null)
    {
        if (root is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new ArgumentException(
                "The root of a repository on the web is an absolute http or https address.",
                nameof(root));
        }

        string text = Display(root);
        _root = text.EndsWith('/') ? text : text + "/";
        _query = root.Query;
        Root = new Uri(_root);
        IsSecure = root.Scheme == Uri.UriSchemeHttps;
        _authorization = authorization
            ?? (root.UserInfo.Length == 0 ? null : Basic(root.UserInfo));
    }

    /// <summary>The folder, with a slash at its end and without secrets.</summary>
    public Uri Root { get; }

    /// <summary>Whether the repository is asked for over TLS.</summary>
    public bool IsSecure { get; }

    /// <summary>Whether requests carry credentials.</summary>
    public bool HasCredentials => _authorization is not null;

    /// <summary>An address as messages may show it.</summary>
    /// <param name="address">An absolute address.</param>
    /// <returns>Scheme, host, port and path.</returns>
    public static string Display(Uri address) =>
        address.GetComponents(
            UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Makes the request for a file, whole.</summary>
    /// <param name="client">What will send it: its HTTP version is the request's.</param>
    /// <param name="path">The file's path, checked.</param>
    /// <param name="pastCaches">Whether caches on the way must ask the origin.</param>
    /// <returns>The request.</returns>
    public HttpRequestMessage Ask(HttpClient client, string path, bool pastCaches)
    {
        HttpRequestMessage message = new(HttpMethod.Get, string.Concat(_root, path, _query))
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        message.Headers.Authorization = _authorization;
        if (pastCaches)
        {
            message.Headers.TryAddWithoutValidation("Cache-Control", "no-cache");
        }

        return message;
    }

    /// <summary>The address of a file as messages may show it.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>The address without secrets.</returns>
    public string Display(string path) => _root + path;

    /// <inheritdoc/>
    public override string ToString() => _root;

    private static AuthenticationHeaderValue Basic(string userInfo)
    {
        byte[] credentials = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(userInfo));
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(credentials));
    }
}
