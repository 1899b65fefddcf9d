using System.Net;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;
using VMSeed.Gslb;
using VMSeed.Gslb.Mirrors;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Storage;

/// <summary>The image, read from mirrors by way of the cache.</summary>
internal sealed class RemoteImage : IAsyncDisposable
{
    // How long the first request for a head may go unanswered before the seed's own is used. A
    // mirror on another continent answers in one second, a proxy that has to dial in ten.
    private static readonly TimeSpan s_headPatience = TimeSpan.FromSeconds(15);

    // A guest waits for its disk as long as it takes: an error would end in a broken file system.
    // A day is what the options allow.
    private static readonly TimeSpan s_readPatience = TimeSpan.FromDays(1);

    // What is read twice is in the guest's page cache; these serve what is read by pieces.
    private const long BlocksInMemory = 4 << 20;
    private const long PagesInMemory = 8 << 20;

    private readonly HttpClient _client;
    private readonly MirrorHandler _mirrors;
    private readonly OutageWatch _watch;
    private readonly Uri _root;

    private RemoteImage(
        LazyDisk disk, HttpClient client, MirrorHandler mirrors, OutageWatch watch, Uri root)
    {
        Disk = disk;
        (_client, _mirrors, _watch, _root) = (client, mirrors, watch, root);
    }

    public LazyDisk Disk { get; }

    /// <summary>Since when nobody answers; null while somebody does.</summary>
    public DateTimeOffset? NobodySince => _watch.NobodySince;

    /// <summary>What is known of each mirror.</summary>
    public IReadOnlyList<MirrorLine> Mirrors =>
        [.. (_mirrors.FindSelector(_root)?.Snapshot() ?? []).Select(mirror => new MirrorLine(
            $"{mirror.Address}",
            $"{mirror.Condition}",
            mirror.Requests,
            mirror.Bytes,
            mirror.Corrupt))];

    /// <summary>Opens the image.</summary>
    public static async Task<RemoteImage> OpenAsync(
        SeedImage image,
        StorageOptions options,
        BlockCache? cache,
        ConsoleQueue console,
        ILoggerFactory loggers)
    {
        Uri root = FindRoot(image.Url);
        MirrorHandlerOptions choice = new() { Root = root, StateDirectory = options.State };
        foreach (Uri mirror in image.Mirrors ?? []) { choice.Mirrors.Add(new Mirror(mirror)); }

        if (options.Proxy is { } proxy) { choice.Proxy = new WebProxy(proxy); }

        MirrorHandler mirrors = new(choice, loggers.CreateLogger<MirrorHandler>());
        OutageWatch watch = new(mirrors, console, TimeProvider.System);
        HttpClient client = new(watch) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("VMSeed-Guest");
        LazyDiskOptions reading = new()
        {
            PublicKeys = [.. image.Keys.Select(key => PublicKey.Parse(key))],
            HttpClient = client,
            Cache = cache,
            CacheDirectory = null,
            StateDirectory = options.State,
            MemoryCacheSize = BlocksInMemory,
            IndexCacheSize = PagesInMemory,
            ReadDeadline = s_readPatience,
            LoggerFactory = loggers,
        };
        LazyDisk disk = await OpenAsync(image, options, reading, console);
        return new RemoteImage(disk, client, mirrors, watch, root);
    }

    public async ValueTask DisposeAsync()
    {
        await Disk.DisposeAsync();
        _client.Dispose();
    }

    private static async Task<LazyDisk> OpenAsync(
        SeedImage image, StorageOptions options, LazyDiskOptions reading, ConsoleQueue console)
    {
        string address = image.Url.OriginalString;
        if (options.Head is { } head)
        {
            return await LazyDisk.OpenAsync(
                address, reading with { SignedHead = await File.ReadAllBytesAsync(head) });
        }

        if (options.IsOffline)
        {
            console.Say($"going on with version {image.Version}, which the seed was made from");
            return await LazyDisk.OpenAsync(address, reading with { SignedHead = image.Head });
        }

        // Costs nothing, and tells at once where the seed's keys and its head do not belong
        // together.
        LazyDisk own = await LazyDisk.OpenAsync(address, reading with { SignedHead = image.Head });
        LazyDisk? newest = await TryOpenNewestAsync(address, reading, console);
        if (newest is null)
        {
            console.Say($"going on with version {own.Head.Version}, which the seed was made from");
            return own;
        }

        // Against rollback counts what was accepted before; the seed itself counts as well.
        LazyDisk older = newest.Head.Version < own.Head.Version ? newest : own;
        if (older == newest)
        {
            console.Say($"{image.Name} is of version {newest.Head.Version} at the mirrors, older "
                + $"than the seed: going on with version {own.Head.Version}");
        }

        await older.DisposeAsync();
        return older == newest ? own : newest;
    }

    private static async Task<LazyDisk?> TryOpenNewestAsync(
        string address, LazyDiskOptions reading, ConsoleQueue console)
    {
        using CancellationTokenSource late = new(s_headPatience);
        try
        {
            return await LazyDisk.OpenAsync(address, reading, late.Token);
        }
        catch (OperationCanceledException)
        {
            console.Say($"no mirror has answered within {s_headPatience.TotalSeconds:0} s");
        }
        catch (BlockIOException failure)
        {
            console.Say(failure.Message);
        }

        return null;
    }

    // Of two folders of that name, the one nearer to the file is meant.
    private static Uri FindRoot(Uri head)
    {
        string path = head.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path,
            UriFormat.UriEscaped);
        int images = path.LastIndexOf("/images/", StringComparison.Ordinal);
        return images < 0
            ? throw new FormatException($"{head} of the seed is no address of an image.")
            : new Uri(path[..(images + 1)]);
    }
}
