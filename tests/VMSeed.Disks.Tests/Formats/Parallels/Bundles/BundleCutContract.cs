using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Formats.Parallels;
using VMSeed.Disks.Tests.Formats.Sharing;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>A bundle of two parts that loses power, with snapshots below or without.</summary>
/// <param name="snapshots">How many.</param>
public abstract class BundleCutContract(int snapshots) : SharedFilesContract
{
    private const int ClusterSize = 64 << 10;

    // Not at the border of a cluster of the disk: the parts count their own.
    private const int Border = (2 << 20) + (5 * 512);

    protected override string Main => "DiskDescriptor.xml";

    protected override byte[] Initial(int length) =>
        snapshots > 0 ? Pattern.Disk(length, 13) : base.Initial(length);

    protected override async ValueTask<string[]> MakeAsync(string folder, long length)
    {
        string first = await MakePartAsync(folder, "disk.0.hds", Border);
        string second = await MakePartAsync(folder, "disk.1.hds", length - Border);
        await File.WriteAllTextAsync(
            Path.Join(folder, Main),
            BundleFolder.Text(
                length / 512,
                BundleFolder.Storage(0, Border / 512, first, clusterSectors: ClusterSize / 512)
                    + BundleFolder.Storage(
                        Border / 512,
                        length / 512,
                        second,
                        clusterSectors: ClusterSize / 512)),
            new UTF8Encoding(false),
            Token);
        string[] frozen = [];
        byte[] content = Initial((int)length);
        for (int i = 0; i < snapshots; i++)
        {
            // Each has its share of the content, from zeros where nothing lies below.
            await using (VirtualDisk disk = await VirtualDisk.OpenFileAsync(
                folder, new VirtualDiskOptions { CanWrite = true }, Token))
            {
                int start = i * (content.Length / snapshots);
                await disk.WriteAsync(start, content.AsMemory(start), Token);
            }

            frozen = [.. Directory.GetFiles(folder, "*.hds").Select(path =>
                Path.GetFileName(path))];
            await ParallelsBundle.CreateSnapshotAsync(folder, cancellationToken: Token);
        }

        return frozen;
    }

    protected override async ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered)
    {
        await CheckAsync(folder, content, isRecovered);
        foreach (string image in Directory.GetFiles(folder, "*.hds"))
        {
            await QemuImg.AssertCleanAsync(image, "parallels");
        }
    }

    private static async Task<string> MakePartAsync(string folder, string name, long length)
    {
        await using FileBlockDevice file = FileBlockDevice.Create(Path.Join(folder, name), 0);
        await ParallelsFile.CreateAsync(
            file, ParallelsLayout.New(length, ClusterSize, generation: 2), Token);
        return name;
    }
}
