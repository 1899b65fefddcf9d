using Microsoft.Extensions.Logging;
using VMSeed.Gslb;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Tool.Mirrors;

/// <summary>The HTTP client of a verb, with the mirrors behind it.</summary>
internal sealed class MirrorClient : IDisposable
{
    private MirrorClient(MirrorHandler handler, bool hasOwn)
    {
        Handler = handler;
        Http = new HttpClient(new MirrorSwitch(handler, hasOwn))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        Http.DefaultRequestHeaders.UserAgent.ParseAdd("VMSeed");
    }

    public HttpClient Http { get; }

    public MirrorHandler Handler { get; }

    /// <summary>Makes a client.</summary>
    /// <param name="address">The image.</param>
    /// <param name="mirrors">Mirrors that the user has named.</param>
    /// <param name="state">The folder in which what is known of mirrors is kept; null:
    /// nowhere.</param>
    /// <param name="loggers">Where log lines go.</param>
    public static MirrorClient Create(
        ImageAddress address, IReadOnlyList<Mirror> mirrors, string? state, ILoggerFactory loggers)
    {
        MirrorHandlerOptions options = new() { Root = address.Root, StateDirectory = state };
        foreach (Mirror mirror in mirrors)
        {
            options.Mirrors.Add(mirror);
        }

        return new MirrorClient(
            new MirrorHandler(options, loggers.CreateLogger<MirrorHandler>()), mirrors.Count > 0);
    }

    public void Dispose() => Http.Dispose();
}
