using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>An image without a zero or a repetition, behind a web server that misbehaves on
/// order.</summary>
/// <remarks>Its blocks do not shrink, so what a read costs on the wire can be counted by
/// hand.</remarks>
internal sealed class ServedImage : IAsyncDisposable
{
    public const int BlockSize = 64 * 1024;

    private const int SmallDisk = 4096;

    private ServedImage(TestRepository repository, byte[] content)
    {
        Repository = repository;
        Content = content;
        Server = new FaultServer(repository.Root);
    }

    public TestRepository Repository { get; }

    public FaultServer Server { get; }

    public byte[] Content { get; private set; }

    /// <summary>Where the objects of one kind lie: index pages are <c>VMSE</c>, packs are
    /// <c>VMSP</c>.</summary>
    public string[] Objects(string magic) =>
    [
        .. Directory.GetFiles(
                Path.Join(Repository.Root, "objects"), "*", SearchOption.AllDirectories)
            .Where(file => File.ReadAllBytes(file).AsSpan().StartsWith(
                System.Text.Encoding.ASCII.GetBytes(magic)))
            .Select(file => Path.GetRelativePath(Repository.Root, file)),
    ];

    /// <summary>Publishes noise.</summary>
    /// <param name="length">Bytes of the disk.</param>
    /// <param name="fanout">Entries of an index page: 1,024 leaves the index to the head.</param>
    /// <param name="isSigned">Whether a new key signs the head.</param>
    /// <param name="blockSize">Bytes of a block.</param>
    public static async Task<ServedImage> CreateAsync(
        int length = 4 * 1024 * 1024,
        int fanout = 1024,
        bool isSigned = false,
        int blockSize = BlockSize)
    {
        TestRepository repository =
            await TestRepository.CreateAsync(SmallDisk, isSigned: isSigned);
        foreach (string old in Directory.GetFiles(
            Path.Join(repository.Root, "objects"), "*", SearchOption.AllDirectories))
        {
            File.Delete(old);
        }

        Directory.Delete(Path.Join(repository.Root, "images"), recursive: true);
        var image = new ServedImage(repository, []);
        await image.PublishAsync(length, 3, fanout, blockSize);
        return image;
    }

    /// <summary>Publishes other noise.</summary>
    public async Task PublishAsync(
        int length, int seed, int fanout = 1024, int blockSize = BlockSize)
    {
        Content = TestDisk.Noise(new Random(seed), length);
        await File.WriteAllBytesAsync(Repository.DiskPath, Content);
        await Repository.PublishAsync(blockSize, options => options with
        {
            Fanout = fanout,
            PackLength = 8 * 1024 * 1024,
        });
    }

    /// <summary>For reads that are to fail, soon.</summary>
    public static LazyDiskOptions Impatient(LazyDiskOptions options) => options with
    {
        ReadDeadline = TimeSpan.FromSeconds(2),
        NoProgressTimeout = TimeSpan.FromMilliseconds(600),
    };

    /// <summary>Opens it with the patience of a test, and nothing guessed.</summary>
    public Task<LazyDisk> OpenAsync(Func<LazyDiskOptions, LazyDiskOptions>? adapt = null) =>
        Repository.OpenAsync(Server.Root, options =>
        {
            options = options with
            {
                ReadDeadline = TimeSpan.FromSeconds(10),
                NoProgressTimeout = TimeSpan.FromSeconds(1),
                ReadAhead = false,
            };
            return adapt?.Invoke(options) ?? options;
        });

    /// <summary>Reads a range and holds it to the content.</summary>
    public async Task CheckAsync(LazyDisk disk, int offset, int length)
    {
        byte[] buffer = new byte[length];
        await disk.ReadAsync(offset, buffer, TestContext.Current.CancellationToken);
        Assert.True(
            Content.AsSpan(offset, length).SequenceEqual(buffer),
            $"The {length} bytes at {offset} differ.");
    }

    /// <summary>Reads a range that cannot be had.</summary>
    public async Task<BlockIOException> FailAsync(LazyDisk disk, int offset = 0, int length = 4096)
    {
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => CheckAsync(disk, offset, length));
        Assert.Contains(Server.Root.Authority, failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
        return failure;
    }

    /// <summary>Reads the whole disk, until what had been on its way has failed.</summary>
    public async Task RecoverAsync(LazyDisk disk)
    {
        long start = TimeProvider.System.GetTimestamp();
        bool done = false;
        while (!done)
        {
            try
            {
                await CheckAsync(disk, 0, Content.Length);
                done = true;
            }
            catch (BlockIOException)
                when (TimeProvider.System.GetElapsedTime(start).TotalSeconds < 20)
            {
                await Task.Yield();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Repository.Dispose();
    }
}
