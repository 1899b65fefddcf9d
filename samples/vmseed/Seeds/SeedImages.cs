using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Trust;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Seeds;

/// <summary>The images of a seed, open while it is built.</summary>
internal sealed class SeedImages : IAsyncDisposable
{
    private readonly List<SeedImage> _images = [];
    private readonly List<MirrorClient> _clients = [];

    public IReadOnlyList<SeedImage> All => _images;

    /// <summary>Opens an image.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="reader">What it says of reading.</param>
    /// <param name="address">The image.</param>
    /// <param name="root">Where guests will find its repository; null for where it is
    /// now.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task OpenAsync(
        ParseResult line,
        ReaderOptions reader,
        string address,
        Uri? root,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        LazyDiskOptions options = reader.Build(line, address, loggers);
        MirrorClient? client = await reader.ConnectAsync(
            line, address, loggers, cancellationToken);
        if (client is not null)
        {
            _clients.Add(client);
        }

        LazyDisk disk = await LazyDisk.OpenAsync(
            address, options with { HttpClient = client?.Http }, cancellationToken);
        List<PublicKey> keys = KeysOf(address, options);
        var web = ImageAddress.TryParse(address);
        IReadOnlyList<Uri> mirrors = web is null
            ? []
            : await reader.MirrorsOfAsync(line, web, cancellationToken);
        _images.Add(new SeedImage(disk, AddressFor(disk, web, root), keys) { Mirrors = mirrors });
        if (keys.Count == 0)
        {
            throw new ToolException(
                ExitCode.Refused,
                $"no public key for {disk.Head.Name}: the guest checks every head that it is "
                + "given, so a seed needs the key of whoever signs them.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SeedImage image in _images)
        {
            await image.Disk.DisposeAsync();
        }

        _clients.ForEach(client => client.Dispose());
    }

    private static List<PublicKey> KeysOf(string address, LazyDiskOptions options)
    {
        List<PublicKey> keys = [.. options.PublicKeys];
        int hash = address.LastIndexOf("#RW", StringComparison.Ordinal);
        if (hash >= 0)
        {
            keys.Add(PublicKey.Parse(address.AsSpan(hash + 1)));
        }

        return keys;
    }

    private static Uri AddressFor(LazyDisk disk, ImageAddress? web, Uri? root)
    {
        string path = web?.Path ?? $"images/{disk.Head.Name}.vmseed";
        IReadOnlyList<Uri> mirrors = disk.Head.Mirrors;
        Uri? place = root ?? web?.Root;
        if (place is null && mirrors.Count == 0)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"{disk.Head.Name} is in a folder of this machine, and its head names no mirror: "
                + "say with --url where guests will find the repository, as in "
                + "--url http://host/vm/.");
        }

        place ??= mirrors[0];
        return new Uri($"{place}{(place.AbsoluteUri.EndsWith('/') ? "" : "/")}{path}");
    }
}
