using System.Globalization;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>A bundle that is put together by hand, as the products write it: parts made by
/// qemu-img, and a descriptor with nodes that nobody here knows.</summary>
internal sealed class BundleFolder : IDisposable
{
    public const string Top = "{5fbaabe3-6958-40ff-92a7-860e329aab41}";

    private const string Null = "{00000000-0000-0000-0000-000000000000}";

    private readonly TempFolder _folder = new();

    public string Root => _folder["disk.hdd"];

    public string Descriptor => Path.Join(Root, "DiskDescriptor.xml");

    public string this[string name] => Path.Join(Root, name);

    /// <summary>The text of a descriptor; of what is not said, the usual.</summary>
    public static string Text(
        long sectors,
        string storages,
        string snapshots = $"<Shot><GUID>{Top}</GUID><ParentGUID>{Null}</ParentGUID></Shot>",
        string padding = "0",
        string engine = Null,
        string prolog = "<?xml version='1.0' encoding='UTF-8'?>") =>
        $"""
        {prolog}
        <Parallels_disk_image Version="1.0">
            <Disk_Parameters>
                <Disk_size>{sectors}</Disk_size>
                <Cylinders>{sectors / 512}</Cylinders>
                <PhysicalSectorSize>4096</PhysicalSectorSize>
                <LogicSectorSize>512</LogicSectorSize>
                <Heads>16</Heads>
                <Sectors>32</Sectors>
                <Padding>{padding}</Padding>
                <Encryption><Engine>{engine}</Engine><Data></Data></Encryption>
                <UID>{Null}</UID>
                <Name>disk</Name>
                <Miscellaneous><SuspendState>0</SuspendState><Odd a="1">kept</Odd></Miscellaneous>
            </Disk_Parameters>
            <StorageData>{storages}</StorageData>
            <Snapshots>{snapshots}</Snapshots>
            <!-- A remark -->
        </Parallels_disk_image>
        """;

    public static string Storage(
        long start,
        long end,
        string file,
        string type = "Compressed",
        string id = Top,
        int clusterSectors = 2048) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <Storage><Start>{start}</Start><End>{end}</End>
                <Blocksize>{clusterSectors}</Blocksize>
                <Image><GUID>{id}</GUID><Type>{type}</Type><File>{file}</File></Image>
            </Storage>
            """);

    /// <summary>Makes parts of these lengths out of a content, the first one plain.</summary>
    public async Task SplitAsync(byte[] content, params int[] lengths)
    {
        Directory.CreateDirectory(Root);
        List<string> storages = [];
        int start = 0;
        foreach (int length in lengths)
        {
            string name = $"disk.hdd.{storages.Count}.{Top}.hds";
            string raw = _folder.Write("part.raw", content.AsSpan(start, length));
            bool isPlain = start == 0;
            await QemuImg.ConvertAsync(raw, "raw", this[name], isPlain ? "raw" : "parallels");
            storages.Add(Storage(
                start / 512, (start + length) / 512, name, isPlain ? "Plain" : "Compressed"));
            start += length;
        }

        await File.WriteAllTextAsync(Descriptor, Text(start / 512, string.Concat(storages)));
    }

    public void Dispose() => _folder.Dispose();
}
