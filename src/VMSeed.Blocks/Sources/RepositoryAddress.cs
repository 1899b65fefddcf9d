using System.Globalization;
using VMSeed.Blocks.Images;

namespace VMSeed.Blocks.Sources;

/// <summary>What a user names an image by: an address on the web or a path, perhaps with a
/// key.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>https://host/any/where/images/debian.vmseed</c>, the newest version;</item>
/// <item><c>https://host/any/where/images/debian/7.vmseed</c>, one version (of two readings, the
/// folder <c>images</c> nearer to the file is the one meant);</item>
/// <item><c>file:///srv/www/images/debian.vmseed</c> or a plain path to the same file;</item>
/// <item>each with <c>#RWQ…</c> behind it: the public key that must have signed. It stays here, and
/// no server ever sees it.</item>
/// </list>
/// The query of a web address is kept, for the head and for every object: see
/// <see cref="Http.WebAddress"/>.
/// </remarks>
internal sealed class RepositoryAddress
{
    /// <summary>Characters of an address: signed queries have a few hundred; no server takes
    /// 8192.</summary>
    private const int LongestText = 8192;

    private const string Examples =
        "An image is named like https://example.org/images/debian.vmseed, its version 7 like "
        + "https://example.org/images/debian/7.vmseed, in a folder like "
        + "/srv/www/images/debian.vmseed, each with or without its public key behind a '#'.";

    private const string ImagesFolder = "images";

    private RepositoryAddress(
        Uri? webRoot, string? folder, string image, long? version, string? key)
    {
        WebRoot = webRoot;
        Folder = folder;
        Image = image;
        Version = version;
        KeyText = key;
    }

    /// <summary>The repository's root on the web, with its query and user name, ending in a slash;
    /// null where it is a folder.</summary>
    public Uri? WebRoot { get; }

    /// <summary>The repository's root in the file system; null where it is on the web.</summary>
    public string? Folder { get; }

    /// <summary>The image's name.</summary>
    public string Image { get; }

    /// <summary>The version that is asked for, null for the newest.</summary>
    public long? Version { get; }

    /// <summary>The text of the public key, null where there is none; not checked to be a
    /// key.</summary>
    public string? KeyText { get; }

    /// <summary>The head's path in the repository.</summary>
    public string HeadPath => Version is { } version
        ? RepositoryPaths.VersionHead(Image, version)
        : RepositoryPaths.Head(Image);

    /// <summary>Reads what a user gave.</summary>
    /// <param name="text">An address or a path.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">Says what is wrong with it, and shows how it should
    /// be.</exception>
    public static RepositoryAddress Parse(string text)
    {
        if (text.Length is 0 or > LongestText || text.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            throw Wrong(
                "The address of an image", "is empty, too long, or holds control characters");
        }

        (string place, string? key) = SplitKey(text);
        int scheme = place.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0
            ? FromPath(place, key)
            : Uri.TryCreate(place, UriKind.Absolute, out Uri? uri)
                ? FromUri(uri, key)
                : throw Wrong($"'{Hide(place)}'", "is no address");
    }

    /// <summary>The head's address or path, without secrets and without the key.</summary>
    /// <returns>The text, for messages.</returns>
    public override string ToString() => WebRoot is { } root
        ? Http.WebAddress.Display(root) + HeadPath
        : Path.Join(Folder, HeadPath);

    // A path may hold a '#' of its own; one right behind the file's ending is ours.
    private static (string Place, string? Key) SplitKey(string text)
    {
        int hash = text.Contains("://", StringComparison.Ordinal)
            ? text.IndexOf('#', StringComparison.Ordinal)
            : text.LastIndexOf(RepositoryPaths.HeadSuffix + "#", StringComparison.Ordinal);
        if (hash < 0)
        {
            return (text, null);
        }

        hash = text[hash] == '#' ? hash : hash + RepositoryPaths.HeadSuffix.Length;
        string key = text[(hash + 1)..];
        return key.StartsWith("RW", StringComparison.Ordinal)
            ? (text[..hash], key)
            : throw Wrong(
                $"'{Hide(text[..hash])}'", "has something behind its '#' that is no public key");
    }

    private static RepositoryAddress FromUri(Uri uri, string? key)
    {
        if (uri.IsFile)
        {
            return FromPath(uri.LocalPath, key);
        }

        if (uri.Scheme is not ("http" or "https"))
        {
            throw Wrong(
                $"'{Hide(uri.OriginalString)}'",
                "is of a scheme that is not http, https or file");
        }

        string[] segments = uri.AbsolutePath.Split('/');
        (int images, string image, long? version) = Find(segments, Hide(uri.OriginalString));
        string root = uri.GetLeftPart(UriPartial.Authority)
            + string.Join('/', segments[..images]) + "/" + uri.Query;
        return new RepositoryAddress(
            new Uri(root, UriKind.Absolute), null, image, version, key);
    }

    private static RepositoryAddress FromPath(string path, string? key)
    {
        string full = Path.GetFullPath(path);
        string[] segments = full.Split(Path.DirectorySeparatorChar);
        (int images, string image, long? version) = Find(segments, path);
        string root = string.Join(Path.DirectorySeparatorChar, segments[..images]);
        return new RepositoryAddress(
            null, root + Path.DirectorySeparatorChar, image, version, key);
    }

    // Where the folder of heads stands in a path, and what the rest of the path names.
    private static (int Images, string Image, long? Version) Find(string[] segments, string shown)
    {
        if (!segments[^1].EndsWith(RepositoryPaths.HeadSuffix, StringComparison.Ordinal))
        {
            throw Wrong($"'{shown}'", $"does not end in {RepositoryPaths.HeadSuffix}");
        }

        string last = segments[^1][..^RepositoryPaths.HeadSuffix.Length];
        if (segments.Length > 1 && segments[^2] == ImagesFolder)
        {
            return (segments.Length - 2, CheckName(last, shown), null);
        }

        if (segments.Length > 2 && segments[^3] == ImagesFolder)
        {
            bool isVersion = long.TryParse(
                last, NumberStyles.None, CultureInfo.InvariantCulture, out long version)
                && version > 0 && last[0] != '0';
            return isVersion
                ? (segments.Length - 3, CheckName(segments[^2], shown), version)
                : throw Wrong($"'{shown}'", $"has a version '{last}' that is no number from 1");
        }

        throw Wrong($"'{shown}'", $"does not lie in a folder '{ImagesFolder}'");
    }

    private static string CheckName(string name, string shown) =>
        RepositoryPaths.IsImageName(name)
            ? name
            : throw Wrong(
                $"'{shown}'",
                $"has an image '{name}': names are 1 to 64 ASCII letters, digits, '.', '_' or '-', "
                    + "the first a letter or a digit");

    private static FormatException Wrong(string subject, string fact) =>
        new($"{subject} {fact}. {Examples}");

    // Messages are pasted into public reports: no password, no token.
    private static string Hide(string address)
    {
        int query = address.IndexOf('?', StringComparison.Ordinal);
        string shown = query < 0 ? address : address[..query];
        int start = shown.IndexOf("://", StringComparison.Ordinal) + 3;
        int end = start < 3 ? -1 : shown.IndexOf('/', start);
        int user = start < 3 ? -1 : shown.LastIndexOf('@', end < 0 ? shown.Length - 1 : end);
        return user < start ? shown : shown[..start] + shown[(user + 1)..];
    }
}
