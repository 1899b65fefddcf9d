using System.Text;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Testing;
using VMSeed.Testing.Fuzz;

namespace VMSeed.Disks.Tests.Formats.Parallels.Bundles;

/// <summary>Descriptors that are refused, and by what.</summary>
public sealed class BundleDescriptorTests
{
    private const string Other = "{11111111-2222-3333-4444-555555555555}";

    private static readonly string s_storage = BundleFolder.Storage(0, 2048, "disk.hds");

    private const string Loop =
        $"<Shot><GUID>{BundleFolder.Top}</GUID><ParentGUID>{Other}</ParentGUID></Shot>"
        + $"<Shot><GUID>{Other}</GUID><ParentGUID>{BundleFolder.Top}</ParentGUID></Shot>";

    public static TheoryData<DiskFault, string> Refused => new()
    {
        { DiskFault.Corrupt, BundleFolder.Text(2048, s_storage, Loop) },
        { DiskFault.Corrupt, BundleFolder.Text(2049, s_storage) },
        { DiskFault.Corrupt, BundleFolder.Text(-1, s_storage) },
        { DiskFault.Corrupt, BundleFolder.Text(2048, BundleFolder.Storage(1, 2048, "x")) },
        { DiskFault.Corrupt, BundleFolder.Text(2048, s_storage + s_storage) },
        { DiskFault.Corrupt, BundleFolder.Text(0, "") },
        { DiskFault.Corrupt, BundleFolder.Text(2048, BundleFolder.Storage(0, 2048, "x", "Odd")) },
        { DiskFault.Corrupt, BundleFolder.Text(2048, s_storage)[..^30] },
        { DiskFault.Unsupported, BundleFolder.Text(2048, s_storage, padding: "1") },
        { DiskFault.Unsupported, BundleFolder.Text(2048, s_storage, engine: Other) },
        { DiskFault.MissingFile, BundleFolder.Text(2048, s_storage) },
        { DiskFault.NotGranted, BundleFolder.Text(2048, BundleFolder.Storage(0, 2048, "../x")) },
        { DiskFault.NotGranted, BundleFolder.Text(2048, BundleFolder.Storage(0, 2048, "/x")) },
        {
            DiskFault.Corrupt,
            BundleFolder.Text(
                2048,
                BundleFolder.Storage(0, 2048, "&b;"),
                prolog: "<!DOCTYPE b [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>")
        },
        {
            DiskFault.Unsupported,
            BundleFolder.Text(2048, s_storage) + new string(' ', 1 << 20)
        },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Is_refused_by_its_fault(DiskFault fault, string text)
    {
        using TempFolder folder = new();
        folder.Write("DiskDescriptor.xml", Encoding.UTF8.GetBytes(text));
        DiskFormatException refusal = await Assert.ThrowsAsync<DiskFormatException>(
            async () => await VirtualDisk.OpenFileAsync(folder.Root, null, Token));
        Assert.Equal(fault, refusal.Fault);
    }

    [Fact]
    public async Task Damaged_descriptors_end_with_bytes_or_a_typed_error()
    {
        using BundleFolder folder = new();
        await folder.SplitAsync(Pattern.Disk(2 << 20, 1), 1 << 20, 1 << 20);
        byte[] text = await File.ReadAllBytesAsync(folder.Descriptor, Token);
        FuzzOutcome outcome = await HostileImages.TryAsync(
            text,
            async device => await VirtualDisk.OpenAsync(
                device,
                new VirtualDiskOptions
                {
                    Format = DiskFormat.Parallels,
                    Files = new FolderFiles(folder.Root),
                }),
            error => error is DiskFormatException,
            seed: 1,
            count: 300);
        Assert.True(outcome.Opened > 0 && outcome.Refused > 0, outcome.ToString());
    }
}
