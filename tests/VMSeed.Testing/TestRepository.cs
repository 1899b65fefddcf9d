using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;
using VMSeed.Blocks.Trust;

namespace VMSeed.Testing;

/// <summary>A disk with data, holes and duplicates, and a repository that it is published
/// in.</summary>
public sealed class TestRepository : IDisposable
{
    /// <summary>The image's name.</summary>
    public const string ImageName = "disk";

    private readonly TempFolder _folder = new();
    private readonly SecretKey? _key;

    private TestRepository(bool isSigned) => _key = isSigned ? SecretKey.Generate() : null;

    /// <summary>The disk's file.</summary>
    public string DiskPath => _folder["disk.raw"];

    /// <summary>The repository's folder: the root that a web server would serve.</summary>
    public string Root => _folder["www"];

    /// <summary>The newest head, relative to <see cref="Root"/>.</summary>
    public string HeadName => $"images/{ImageName}.vmseed";

    /// <summary>The key that signs; null where the head is unsigned.</summary>
    public SecretKey? Key => _key;

    /// <summary>The key to pin; null where the head is unsigned.</summary>
    public PublicKey? PublicKey => _key?.PublicKey;

    /// <summary>What the last publish said.</summary>
    public PublishResult Result { get; private set; } = null!;

    /// <summary>The disk's bytes.</summary>
    public byte[] DiskBytes => File.ReadAllBytes(DiskPath);

    /// <summary>Makes a disk of the usual mixture and publishes it.</summary>
    /// <param name="length">Bytes of the disk.</param>
    /// <param name="blockSize">Bytes of a block.</param>
    /// <param name="isSigned">Whether a new key signs the head.</param>
    /// <param name="seed">Of the disk's bytes.</param>
    /// <param name="adapt">Changes the options; it gets those that would have been used.</param>
    public static async Task<TestRepository> CreateAsync(
        long length = (3 * 1024 * 1024) + 12345,
        int blockSize = 16 * 1024,
        bool isSigned = false,
        int seed = 1,
        Func<PublishOptions, PublishOptions>? adapt = null)
    {
        var repository = new TestRepository(isSigned);
        TestDisk.Write(repository.DiskPath, length, seed);
        await repository.PublishAsync(blockSize, adapt);
        return repository;
    }

    /// <summary>The options of a publish, with pages and packs so small that there are
    /// many.</summary>
    public PublishOptions Options(int blockSize = 16 * 1024) => new()
    {
        RepositoryPath = Root,
        Name = ImageName,
        Keys = _key is null ? [] : [_key],
        AllowUnsigned = _key is null,
        BlockSize = blockSize,
        Fanout = 64,
        PackLength = 256 * 1024,
        Workers = 2,
    };

    /// <summary>Publishes the disk's file as it is now.</summary>
    public async Task<PublishResult> PublishAsync(
        int blockSize = 16 * 1024, Func<PublishOptions, PublishOptions>? adapt = null)
    {
        PublishOptions options = Options(blockSize);
        await using var disk = FileBlockDevice.Open(DiskPath);
        Result = await ImagePublisher.PublishAsync(disk, adapt?.Invoke(options) ?? options);
        return Result;
    }

    /// <summary>The files of all objects; what is unfinished is none.</summary>
    public IEnumerable<string> Objects() => Directory
        .EnumerateDirectories(Path.Join(Root, "objects"))
        .SelectMany(Directory.EnumerateFiles);

    /// <summary>The files of all packs.</summary>
    public IEnumerable<string> Packs() => Objects()
        .Where(path => File.ReadAllBytes(path).AsSpan().StartsWith("VMSPACK1"u8))
        .Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _key?.Dispose();
        _folder.Dispose();
    }
}
