using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>A seed that has been built, as a raw disk in a sparse file of its own, which goes with
/// it.</summary>
public sealed class Seed : IAsyncDisposable
{
    private readonly FileBlockDevice _disk;
    private readonly WorkFolder _folder;

    internal Seed(
        FileBlockDevice disk,
        WorkFolder folder,
        GptTable table,
        IReadOnlyList<SeedPart> parts,
        DateTimeOffset created)
    {
        _disk = disk;
        _folder = folder;
        Table = table;
        Parts = parts;
        Created = created;
    }

    /// <summary>The disk.</summary>
    public BlockDevice Disk => _disk;

    /// <summary>Its partitions.</summary>
    public GptTable Table { get; }

    /// <summary>When it was built.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>What each part of it weighs, in the order of the disk.</summary>
    public IReadOnlyList<SeedPart> Parts { get; }

    /// <summary>Lets the disk go, and removes its file.</summary>
    /// <returns>A task that is done when it is gone.</returns>
    public async ValueTask DisposeAsync()
    {
        await _disk.DisposeAsync();
        _folder.Dispose();
    }
}
