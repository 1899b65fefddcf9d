using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.CommandLine;

/// <summary>Where else a published image is, besides its address and what its head names.</summary>
internal sealed class MirrorOptions
{
    private readonly Option<string[]> _mirrors = new("--mirror")
    {
        Description = "The root of an equal repository, such as https://host/vm/: used with the "
            + "address and the mirrors that the signed head names. Repeatable.",
        HelpName = "URL",
    };

    private readonly Option<string[]> _lists = new("--mirror-list")
    {
        Description = "A list of mirrors: a Metalink (.meta4), or an address that answers with "
            + "Link fields. Repeatable.",
        HelpName = "URL|FILE",
    };

    public void AddTo(Command command)
    {
        command.Add(_mirrors);
        command.Add(_lists);
    }

    /// <summary>Makes the client that an image is read through.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="address">What the user gave as the image's address.</param>
    /// <param name="state">The folder in which what is known of mirrors is kept; null:
    /// nowhere.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The client; null for an image that is no published one on the web.</returns>
    public async Task<MirrorClient?> ConnectAsync(
        ParseResult line,
        string address,
        string? state,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var image = ImageAddress.TryParse(address);
        if (image is not null)
        {
            return MirrorClient.Create(
                image, await ReadAsync(line, image, cancellationToken), state, loggers);
        }

        RefuseFor(line, address);
        return null;
    }

    /// <summary>Refuses mirrors of what has none.</summary>
    public void RefuseFor(ParseResult line, string address)
    {
        if (line.GetValue(_mirrors) is { Length: > 0 } || line.GetValue(_lists) is { Length: > 0 })
        {
            throw new ToolException(
                ExitCode.Usage,
                $"{address} has no mirrors: only published images on web servers do, "
                + "https://host/images/NAME.vmseed. Of a plain file, nothing tells whether two "
                + "servers have the same.");
        }
    }

    /// <summary>The mirrors that the user has named, in the order in which he did.</summary>
    public async Task<IReadOnlyList<Mirror>> ReadAsync(
        ParseResult line, ImageAddress image, CancellationToken cancellationToken)
    {
        List<Mirror> mirrors = [.. (line.GetValue(_mirrors) ?? []).Select(Parse)];
        foreach (string list in line.GetValue(_lists) ?? [])
        {
            mirrors.AddRange(await MirrorLists.ReadAsync(list, image, cancellationToken));
        }

        return mirrors;
    }

    private static Mirror Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            ? new Mirror(uri)
            : throw new ToolException(
                ExitCode.Usage, $"'{text}' for --mirror is no http or https address.");
}
