using VMSeed.Blocks;
using VMSeed.Blocks.Publishing;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Testing;

namespace VMSeed.ImageBuilder.Tests.Seeds;

/// <summary>A published image with a kernel and drivers, and what else a seed is built from. No
/// guest boots from it: kernel, drivers and client stand for themselves.</summary>
internal sealed class SeedWorkshop : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<LazyDisk> _open = [];

    private SeedWorkshop(TestRepository repository) => Repository = repository;

    public static Guid DiskId { get; } = new("0b8e7a3c-4f5d-4c7a-9d55-0123456789ab");

    public static DateTimeOffset Created { get; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public TestRepository Repository { get; }

    public string Head => Path.Join(Repository.Root, Repository.HeadName);

    public string this[string name] => _folder[name];

    /// <summary>Publishes an image.</summary>
    /// <param name="adapt">Changes how; it gets what would have been used.</param>
    public static async Task<SeedWorkshop> CreateAsync(
        Func<PublishOptions, PublishOptions>? adapt = null)
    {
        using TempFolder files = new();
        string kernel = files.Write("vmlinuz", TestDisk.Noise(new Random(1), 300_000));
        string modules = files.Write("modules.img", TestDisk.Noise(new Random(2), 100_000));
        TestRepository repository = await TestRepository.CreateAsync(
            isSigned: true,
            adapt: options =>
            {
                options = options with
                {
                    BootFiles =
                    [
                        new BootFileSource("kernel", kernel),
                        new BootFileSource("modules", modules),
                    ],
                    BootRoot = new(1, "ext4"),
                    BootArguments = "net.ifnames=0",
                };
                return adapt?.Invoke(options) ?? options;
            });
        return new SeedWorkshop(repository);
    }

    /// <summary>Opens the image as it is published now.</summary>
    public async Task<LazyDisk> OpenAsync()
    {
        LazyDisk disk = await LazyDisk.OpenAsync(
            Head,
            new LazyDiskOptions
            {
                PublicKeys = [Repository.PublicKey!],
                CacheDirectory = null,
                StateDirectory = null,
            },
            TestContext.Current.CancellationToken);
        _open.Add(disk);
        return disk;
    }

    /// <summary>What a seed is built from, with a program of this machine for a client.</summary>
    public async Task<SeedOptions> OptionsAsync()
    {
        string client = Path.Join(_folder.Root, "client", "vmseed-guest");
        Directory.CreateDirectory(Path.GetDirectoryName(client)!);
        File.Copy(Need.Tool("e2fsck"), client, overwrite: true);
        return new SeedOptions
        {
            Images =
            [
                new SeedImage(
                    await OpenAsync(),
                    new Uri("http://10.0.2.2/images/disk.vmseed"),
                    [Repository.PublicKey!]),
            ],
            Client = client,
            DiskId = DiskId,
            Created = Created,
            PackingLevel = 0,
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LazyDisk disk in _open)
        {
            await disk.DisposeAsync();
        }

        Repository.Dispose();
        _folder.Dispose();
    }
}
