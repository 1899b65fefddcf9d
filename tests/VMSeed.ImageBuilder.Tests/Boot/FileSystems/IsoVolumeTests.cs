using VMSeed.Blocks.Devices;
using VMSeed.ImageBuilder.Boot.FileSystems;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Boot.FileSystems;

/// <summary>Files of real ISO 9660 images, and of damaged ones.</summary>
public sealed class IsoVolumeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("-r")]              // Rock Ridge: names as they are
    [InlineData("-iso-level", "3")] // in capitals, with a version behind
    public async Task Files_lie_where_it_says(params string[] options)
    {
        byte[] iso = await MakeAsync(options);
        await using MemoryBlockDevice disk = new(iso);
        IsoVolume volume = new(disk);
        Assert.Equal(100, (await volume.ListAsync("many", Cancelled)).Count(
            file => file.Name.StartsWith("file", StringComparison.OrdinalIgnoreCase)));
        IsoRecord? file = await volume.FindAsync("live/filesystem.squashfs", Cancelled);
        Assert.NotNull(file);
        Assert.Equal(
            Pattern.Random(5000, seed: 5),
            iso.AsSpan((int)file.Offset, (int)file.Length));
        Assert.Null(await volume.FindAsync("live/other", Cancelled));
        Assert.Null(await volume.FindAsync("live/filesystem.squashfs/x", Cancelled));
    }

    [Fact]
    public async Task Damage_is_survived()
    {
        byte[] iso = await MakeAsync("-r");
        await using MemoryBlockDevice disk = new(iso);
        IsoVolume volume = new(disk);
        long folder = (await volume.FindAsync("live", Cancelled))!.Offset;
        int lost = 0;
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            long at = random.Next(3) switch
            {
                0 => (16 * 2048) + 156 + random.Next(34),
                1 => (16 * 2048) + random.Next(2048),
                _ => folder + random.Next(512),
            };
            await disk.WriteAsync(at, new[] { (byte)random.Next(256) }, Cancelled);
            IsoRecord? file = await volume.FindAsync("live/filesystem.squashfs", Cancelled);
            lost += file is null ? 1 : 0;
            Assert.True(file is null || file.Offset + file.Length <= disk.Length);
            await disk.WriteAsync(at, iso.AsMemory((int)at, 1), Cancelled);
        }

        Assert.InRange(lost, 1, 1999);
    }

    private async Task<byte[]> MakeAsync(params string[] options)
    {
        string tree = Directory.CreateDirectory(_folder["tree"]).FullName;
        Directory.CreateDirectory(Path.Join(tree, "live"));
        Directory.CreateDirectory(Path.Join(tree, "many"));
        _folder.Write("tree/live/filesystem.squashfs", Pattern.Random(5000, seed: 5));
        for (int i = 0; i < 100; i++)
        {
            _folder.Write($"tree/many/file{i}", [1]);
        }

        await PeerProgram.OutputAsync(
            "xorriso",
            ["-as", "mkisofs", "-quiet", .. options, "-o", _folder["image.iso"], tree]);
        return await File.ReadAllBytesAsync(_folder["image.iso"], Cancelled);
    }
}
