using System.Xml.Linq;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>Snapshots: what is frozen stays, what is written goes above it.</summary>
public sealed class BundleSnapshotTests
{
    private const int Length = 4 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chain_of_snapshots_reads_as_the_disk_and_its_lower_images_stay()
    {
        using BundleFolder folder = new();
        byte[] content = Pattern.Disk(Length, 1);
        await folder.SplitAsync(content, 1 << 20, Length - (1 << 20));
        Random random = new(2);
        for (int i = 0; i < 4; i++)
        {
            await ParallelsBundle.CreateSnapshotAsync(
                folder.Root, cancellationToken: Token);
            string[] frozen = [.. Directory.GetFiles(folder.Root, "*.hds").Where(IsWritten)];
            byte[][] before = [.. frozen.Select(File.ReadAllBytes)];
            await using (VirtualDisk disk = await OpenAsync(folder, canWrite: true))
            {
                await ContentAssert.HoldsAsync(disk, content);
                int offset = random.Next(Length - 600_000);
                random.NextBytes(content.AsSpan(offset, 300_000));
                await disk.WriteAsync(offset, content.AsMemory(offset, 300_000), Token);
                content.AsSpan(offset + 300_000, 300_000).Clear();
                await disk.ZeroAsync(offset + 300_000, 300_000, Token);
            }

            Assert.Equal(before, frozen.Select(File.ReadAllBytes));
            await using VirtualDisk again = await OpenAsync(folder, canWrite: false);
            await ContentAssert.HoldsAsync(again, content);
            Assert.True((await again.CheckAsync(cancellationToken: Token)).IsClean);
        }

        Assert.Equal(10, Directory.GetFiles(folder.Root, "*.hds").Length);
        foreach (string image in Directory.GetFiles(folder.Root, "disk.hdd.1.*.hds"))
        {
            await QemuImg.AssertCleanAsync(image, "parallels");
        }
    }

    [Fact]
    public async Task What_the_descriptor_says_besides_is_still_there()
    {
        using BundleFolder folder = new();
        await folder.SplitAsync(Pattern.Disk(Length, 3), Length);
        Guid snapshot = await ParallelsBundle.CreateSnapshotAsync(
            folder.Root, () => new Guid("11111111-2222-3333-4444-555555555555"), Token);
        string text = await File.ReadAllTextAsync(folder.Descriptor, Token);
        Assert.Contains("<Odd a=\"1\">kept</Odd>", text, StringComparison.Ordinal);
        Assert.Contains("<!-- A remark -->", text, StringComparison.Ordinal);
        XElement root = XDocument.Parse(text).Root!;
        Assert.Equal(
            [snapshot, new Guid(BundleFolder.Top)],
            root.Descendants("Image").Select(image => (Guid)image.Element("GUID")!));
        Assert.Equal(
            [(snapshot, Guid.Empty), (new Guid(BundleFolder.Top), snapshot)],
            root.Descendants("Shot").Select(shot =>
                ((Guid)shot.Element("GUID")!, (Guid)shot.Element("ParentGUID")!)));
    }

    [Fact]
    public async Task Nothing_is_frozen_under_a_writer_or_before_it_is_mended()
    {
        using BundleFolder folder = new();
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            folder.Root,
            new VirtualDiskCreateOptions
            {
                Format = DiskFormat.Parallels,
                Length = Length,
                Variant = "bundle",
            },
            Token))
        {
            await Assert.ThrowsAsync<IOException>(async () => await ParallelsBundle
                .CreateSnapshotAsync(folder.Root, cancellationToken: Token));
        }

        string image = Assert.Single(Directory.GetFiles(folder.Root, "*.hds"));
        byte[] bytes = await File.ReadAllBytesAsync(image, Token);
        "Ynot"u8.CopyTo(bytes.AsSpan(44));
        await File.WriteAllBytesAsync(image, bytes, Token);
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await ParallelsBundle.CreateSnapshotAsync(
                folder.Root, cancellationToken: Token));
        Assert.Equal(DiskFault.Corrupt, refusal.Fault);
        await (await OpenAsync(folder, canWrite: true)).DisposeAsync();
        await ParallelsBundle.CreateSnapshotAsync(folder.Root, cancellationToken: Token);
    }

    private static bool IsWritten(string path) => new FileInfo(path).Length > 2 << 20;

    private static ValueTask<VirtualDisk> OpenAsync(BundleFolder folder, bool canWrite) =>
        VirtualDisk.OpenFileAsync(
            folder.Root, new VirtualDiskOptions { CanWrite = canWrite }, Token);
}
