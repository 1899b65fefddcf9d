using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Opening;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Sources.Http;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>Where a mirror's content comes from: a folder, or one image of a web server.</summary>
internal sealed class SyncSource : IAsyncDisposable
{
    private readonly SyncOptions _options;
    private readonly RepositoryAddress? _address;
    private readonly RepositoryFolder? _folder;
    private readonly TrustPolicy _trust;
    private readonly List<SyncHead> _heads = [];

    private SyncSource(
        SyncOptions options, RepositoryAddress? address, RepositoryFolder? folder)
    {
        (_options, _address, _folder) = (options, address, folder);
        _trust = ChooseTrust(options, address);
        Objects = folder is not null
            ? new FolderObjectSource(folder.Root)
            : new HttpObjectSource(
                options.HttpClient ?? DefaultHttpClient.Create(),
                address!.WebRoot!,
                new HttpSourceOptions
                {
                    NoProgressTimeout = options.NoProgressTimeout,
                    SlowStart = options.NoProgressTimeout * 2,
                },
                options.TimeProvider,
                NullLogger.Instance,
                ownsClient: options.HttpClient is null);
    }

    /// <summary>The source's files.</summary>
    public ObjectSource Objects { get; }

    /// <summary>The heads that are copied, in the order in which they are written: an image's
    /// versions as they grow, its newest last.</summary>
    public IReadOnlyList<SyncHead> Heads => _heads;

    /// <summary>The images, each with its highest version.</summary>
    public IReadOnlyList<(string Name, long Version)> Images =>
        [.. _heads.GroupBy(head => head.Name).Select(
            image => (image.Key, image.Max(head => head.Version)))];

    /// <summary>Opens a source.</summary>
    /// <param name="text">A repository's folder, or the address or path of a head.</param>
    /// <param name="options">Which image, whom to trust.</param>
    public static SyncSource Open(string text, SyncOptions options)
    {
        if (Directory.Exists(text))
        {
            return new SyncSource(
                options, null, RepositoryFolder.OpenToRead(text, options.TimeProvider));
        }

        var address = RepositoryAddress.Parse(text);
        return new SyncSource(
            options with { Image = null },
            address,
            address.Folder is { } path
                ? RepositoryFolder.OpenToRead(path, options.TimeProvider)
                : null);
    }

    /// <summary>Refuses to copy a folder onto itself.</summary>
    public void RefuseSelf(string mirrorPath)
    {
        if (_folder is not null && Path.TrimEndingDirectorySeparator(_folder.Root)
            == Path.TrimEndingDirectorySeparator(Path.GetFullPath(mirrorPath)))
        {
            throw new ArgumentException($"{_folder.Root} is both the source and the mirror.");
        }
    }

    /// <summary>Whether a version is among the heads.</summary>
    public bool Has(string name, long version) =>
        _heads.Exists(head => head.Name == name && head.Version == version);

    /// <summary>Reads and checks every head that is to be copied.</summary>
    public async Task ReadHeadsAsync(CancellationToken cancellationToken)
    {
        foreach (string name in Names())
        {
            if (_address?.Version is { } version)
            {
                await ReadAsync(name, version, cancellationToken).ConfigureAwait(false);
                continue;
            }

            SyncHead newest = await ReadAsync(name, RepositoryPaths.Head(name), cancellationToken)
                .ConfigureAwait(false);
            foreach (long old in OldVersions(name, newest.Version))
            {
                await ReadAsync(name, old, cancellationToken).ConfigureAwait(false);
            }

            _heads.Add(newest with { IsNewest = true });
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Objects.DisposeAsync();

    private static TrustPolicy ChooseTrust(SyncOptions options, RepositoryAddress? address)
    {
        List<PublicKey> keys = [.. options.PublicKeys];
        if (address?.KeyText is { } text)
        {
            keys.Add(PublicKey.Parse(text));
        }

        if (keys.Count > 0)
        {
            return TrustPolicy.Pinned(keys);
        }

        bool isLocal = address?.WebRoot is null;
        return isLocal || options.AllowUnsigned
            ? TrustPolicy.Unsigned
            : throw new BlockIOException(
                FailureReason.Refused,
                $"No public key is pinned for {address!.Image}: put it behind the address as "
                + $"#RWQ…, into {nameof(SyncOptions.PublicKeys)}, or allow unsigned images.");
    }

    private IReadOnlyList<string> Names()
    {
        if (_address is not null)
        {
            return [_address.Image];
        }

        IReadOnlyList<string> all = _folder!.Images();
        return _options.Image is not { } one ? all
            : all.Contains(one) ? [one]
            : throw new BlockIOException(
                FailureReason.Missing, $"There is no image '{one}' in {_folder.Root}.");
    }

    // A head above the newest belongs to a publish that is not done.
    private IEnumerable<long> OldVersions(string name, long newest) => _folder is null
        ? []
        : new HeadStore(_folder, name).Versions().Where(version => version < newest);

    private async Task ReadAsync(string name, long version, CancellationToken cancellationToken)
    {
        string path = RepositoryPaths.VersionHead(name, version);
        SyncHead head = await ReadAsync(name, path, cancellationToken).ConfigureAwait(false);
        _heads.Add(head.Version == version
            ? head
            : throw new BlockIOException(
                FailureReason.Corrupt, $"The head {path} is of version {head.Version}.")
            {
                ObjectName = path,
            });
    }

    private async Task<SyncHead> ReadAsync(
        string name, string path, CancellationToken cancellationToken)
    {
        var retries = new RetrySchedule(
            ReadPolicy.Until(_options.ReadDeadline),
            _options.TimeProvider,
            Jitter.Next,
            ReadPurpose.Foreground);
        var reader = new HeadReader(name, path, Objects.ToString()!, _trust);
        while (true)
        {
            try
            {
                byte[] file = await Objects
                    .ReadWholeAsync(
                        path,
                        SignedText.MaxFileSize,
                        bytes => reader.TryRead(bytes) is not null,
                        cancellationToken)
                    .ConfigureAwait(false);
                return new SyncHead(reader.Read(file), file, IsNewest: false);
            }
            catch (BlockIOException failure)
            {
                if (!await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }
}
