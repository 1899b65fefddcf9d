namespace VMSeed.Tool.Mirrors;

/// <summary>The address of a published image on the web, in its two parts: what mirrors have of
/// their own, and what they have in common.</summary>
/// <param name="Root">The repository's root, with a slash at its end, without query and user
/// name.</param>
/// <param name="Path">The head's path below it.</param>
/// <param name="Key">The public key behind the address, with its '#'; empty where there is
/// none.</param>
internal sealed record ImageAddress(Uri Root, string Path, string Key)
{
    private const string Folder = "images";

    /// <summary>Parts an address.</summary>
    /// <returns>Null for what is not the address of a published image on the web.</returns>
    public static ImageAddress? TryParse(string text)
    {
        bool isWeb = Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && uri.Scheme is "http" or "https";
        if (!isWeb || !uri!.AbsolutePath.EndsWith(".vmseed", StringComparison.Ordinal))
        {
            return null;
        }

        // Of two folders of that name, the one nearer to the file is meant.
        string[] segments = uri.AbsolutePath.Split('/');
        int folder = segments[^2] == Folder ? segments.Length - 2
            : segments.Length > 2 && segments[^3] == Folder ? segments.Length - 3
            : -1;
        return folder < 0 ? null : new ImageAddress(
            new Uri(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
                + string.Join('/', segments[..folder]) + "/"),
            string.Join('/', segments[folder..]),
            uri.Fragment);
    }

    /// <summary>The same image at a mirror.</summary>
    /// <param name="root">The mirror's root.</param>
    public string At(Uri root) => $"{root}{(root.AbsoluteUri.EndsWith('/') ? "" : "/")}{Path}{Key}";
}
