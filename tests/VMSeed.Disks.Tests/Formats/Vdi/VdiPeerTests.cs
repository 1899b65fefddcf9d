using VMSeed.Blocks.Devices;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>QEMU reads what we write, and we read what QEMU writes.</summary>
public sealed class VdiPeerTests
{
    private const int Length = 5_000_192;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_we_write_is_clean_and_right_to_qemu()
    {
        using var folder = new TempFolder();
        string path = Path.Join(folder.Root, "ours.vdi");
        byte[] model = new byte[Length];
        await using (VirtualDisk disk = await VirtualDisk.CreateFileAsync(
            path,
            new VirtualDiskCreateOptions { Format = DiskFormat.Vdi, Length = Length },
            Token))
        {
            Random random = new(1);
            for (int i = 0; i < 40; i++)
            {
                int offset = random.Next(Length);
                int length = random.Next(1, Math.Min(200_000, Length - offset) + 1);
                random.NextBytes(model.AsSpan(offset, length));
                await disk.WriteAsync(offset, model.AsMemory(offset, length), Token);
            }

            byte[] all = new byte[Length];
            await disk.ReadAsync(0, all, Token);
            Assert.Equal(model, all);
        }

        string raw = Path.Join(folder.Root, "model.raw");
        await File.WriteAllBytesAsync(raw, model, Token);
        await QemuImg.AssertCleanAsync(path, "vdi");
        Assert.True(await QemuImg.CompareAsync(path, "vdi", raw, "raw"));
    }

    [Fact]
    public async Task What_qemu_writes_reads_the_same()
    {
        using var folder = new TempFolder();
        byte[] model = Pattern.Disk(Length, 3);
        string raw = Path.Join(folder.Root, "model.raw");
        string path = Path.Join(folder.Root, "theirs.vdi");
        await File.WriteAllBytesAsync(raw, model, Token);
        await QemuImg.ConvertAsync(raw, "raw", path, "vdi");
        await using VirtualDisk disk = await VirtualDisk.OpenAsync(
            FileBlockDevice.Open(path), cancellationToken: Token);
        Assert.Equal(DiskFormat.Vdi, disk.Info.Format);
        byte[] all = new byte[disk.Length];
        await disk.ReadAsync(0, all, Token);
        Assert.Equal(model, all[..Length]);
    }
}
