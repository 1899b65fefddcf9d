using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Mirrors.Lists;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Mirrors;

/// <summary>Brings a list of mirrors: a Metalink in a file or on the web, or the Link fields of an
/// answer.</summary>
internal static class MirrorLists
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Reads a list.</summary>
    /// <param name="place">A file, or an http or https address.</param>
    /// <param name="address">The image whose mirrors are wanted.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Roots of repositories; at least one.</returns>
    public static async Task<IReadOnlyList<Mirror>> ReadAsync(
        string place, ImageAddress address, CancellationToken cancellationToken)
    {
        try
        {
            bool isWeb = Uri.TryCreate(place, UriKind.Absolute, out Uri? uri)
                && uri.Scheme is "http" or "https";
            IReadOnlyList<Mirror> files = isWeb
                ? await FetchAsync(uri!, cancellationToken)
                : ReadFile(place);
            IReadOnlyList<Mirror> roots = MirrorRoots.Of(files, address.Path);
            return roots.Count > 0 ? roots : throw new ToolException(
                ExitCode.Missing,
                $"{place} names no mirror of {address.Path}: an address in it ends in that path, "
                + "or in a slash.");
        }
        catch (FormatException fault)
        {
            throw new ToolException(ExitCode.Corrupt, $"{place}: {fault.Message}", fault);
        }
        catch (HttpRequestException fault)
        {
            throw new ToolException(ExitCode.Unavailable, $"{place}: {fault.Message}", fault);
        }
    }

    private static List<Mirror> ReadFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Of(Metalink.Read(file));
    }

    // An image's own address may answer with Link fields; its body is then none of a Metalink, and
    // is not read.
    private static async Task<IReadOnlyList<Mirror>> FetchAsync(
        Uri uri, CancellationToken cancellationToken)
    {
        using HttpClient client = new() { Timeout = _patience };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("VMSeed");
        using HttpResponseMessage response = await client.GetAsync(
            uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (type == "application/metalink4+xml"
            || uri.AbsolutePath.EndsWith(".meta4", StringComparison.OrdinalIgnoreCase))
        {
            return Of(Metalink.Read(await BodyAsync(response, cancellationToken)));
        }

        response.Headers.NonValidated.TryGetValues("Link", out var links);
        return MirrorLinks.Parse(links, response.RequestMessage?.RequestUri ?? uri);
    }

    // One byte more than a Metalink may have characters: the parser then refuses it.
    private static async Task<Stream> BodyAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Metalink.MaxCharacters + 1];
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        int length = await body.ReadAtLeastAsync(
            bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return new MemoryStream(bytes, 0, length);
    }

    private static List<Mirror> Of(IReadOnlyList<MetalinkFile> files) =>
        [.. files.SelectMany(file => file.Addresses)];
}
