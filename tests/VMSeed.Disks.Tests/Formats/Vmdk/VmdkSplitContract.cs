using System.Text;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Formats.Vmdk;
using VMSeed.Disks.Formats.Vmdk.Creation;
using VMSeed.Disks.Tests.Formats.Sharing;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>A disk in three sparse extents, as in those that VMware splits at 2047 MiB, only
/// shorter; alone, or over a parent. QEMU judges.</summary>
public abstract class VmdkSplitContract(bool hasParent) : SharedFilesContract
{
    private const int Sector = VmdkConstants.SectorSize;
    private const string ParentName = "parent.vmdk";

    // Grains of the smallest size lie at both sides of each border; the first border lies where a
    // table of 512 grains is not full.
    private static readonly long[] s_borders = [(1 << 20) + (4 * 4096), 3 << 20];

    protected override string Main => "disk.vmdk";

    protected override byte[] Initial(int length) =>
        hasParent ? Pattern.Disk(length, 12) : base.Initial(length);

    protected override async ValueTask<string[]> MakeAsync(string folder, long length)
    {
        List<string> lines = [];
        long start = 0;
        foreach (long end in s_borders.Append(length))
        {
            string name = $"disk-s{lines.Count + 1:000}.vmdk";
            await using FileBlockDevice file = FileBlockDevice.Create(Path.Join(folder, name), 0);
            await SparseLayout.WriteAsync(
                file,
                (end - start) / Sector,
                grainSectors: 8,
                descriptor: null,
                Options(end - start, hasParent),
                Token);
            lines.Add(DescriptorText.Line((end - start) / Sector, "SPARSE", name));
            start = end;
        }

        var text = new DescriptorText
        {
            CreateType = "twoGbMaxExtentSparse",
            ExtentLines = lines,
            Sectors = length / Sector,
            Id = new Guid("4d0f7a51-7f0c-4f8e-9f3d-0c6a5b1e2d3c"),
        };
        if (hasParent)
        {
            uint cid = await MakeParentAsync(folder, length);
            text = text with { ParentCid = cid, ParentName = ParentName };
        }

        await File.WriteAllTextAsync(
            Path.Join(folder, Main), text.ToString(), new UTF8Encoding(false), Token);
        return hasParent ? [ParentName] : [];
    }

    protected override async ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered)
    {
        string path = Path.Join(folder, Main);
        await CheckAsync(path, content, isRecovered);
        await QemuOracle.CheckAsync(path, "vmdk", content, isRecovered);
    }

    private async Task<uint> MakeParentAsync(string folder, long length)
    {
        await using VirtualDisk parent = await VirtualDisk.CreateFileAsync(
            Path.Join(folder, ParentName),
            new VirtualDiskCreateOptions { Format = DiskFormat.Vmdk, Length = length },
            Token);
        await parent.WriteAsync(0, Initial((int)length), Token);
        return parent.Ids.Cid;
    }

    private static VirtualDiskCreateOptions Options(long length, bool hasParent) => new()
    {
        Format = DiskFormat.Vmdk,
        Length = length,
        ParentName = hasParent ? "parent.vmdk" : null,
    };
}
