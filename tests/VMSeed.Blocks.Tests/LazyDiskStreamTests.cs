using VMSeed.Testing;
using VMSeed.Testing.Contracts;

namespace VMSeed.Blocks.Tests;

/// <summary>A lazy disk is a device and a stream like every other.</summary>
public sealed class LazyDiskStreamTests : StreamContract, IDisposable
{
    private readonly List<TestRepository> _repositories = [];

    public void Dispose() => _repositories.ForEach(repository => repository.Dispose());

    protected override async ValueTask<BlockDevice> MakeAsync(byte[] content)
    {
        TestRepository repository = await TestRepository.CreateAsync(4096);
        _repositories.Add(repository);
        await File.WriteAllBytesAsync(repository.DiskPath, content, Token);
        await repository.PublishAsync();
        return await repository.OpenAsync();
    }
}
