using VMSeed.Testing.Peers;
using VMSeed.Tool.Tests.Mounting;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Overlays;

/// <summary>What is written to a mount of an image, and what can be made of it.</summary>
public sealed class OverlayVerbTests
{
    [Fact]
    public async Task What_is_written_to_a_mount_is_kept_exported_committed_and_discarded()
    {
        using Workshop shop = await Workshop.PublishAsync();
        string overlay = shop["changes.overlay"];
        byte[] expected = File.ReadAllBytes(shop.Disk);
        await WriteAsync(shop, overlay, expected);

        Outcome info = await Vmseed.RunAsync("overlay", "info", overlay);
        Assert.Contains("disk version 1", info.MustExit(0).Text, StringComparison.Ordinal);
        Outcome read = await shop.ReadAsync("read", shop.Address, "--overlay", overlay);
        Assert.Equal(expected, read.MustExit(0).Bytes);

        await ExportAsync(shop, overlay, expected);

        // The image goes on to version 2; the overlay stays on its own.
        string changed = shop["changed.raw"];
        File.WriteAllBytes(changed, expected);
        (await CommitAsync(shop, overlay)).MustExit(0);
        Outcome second = await shop.ReadAsync("read", shop.Address);
        Assert.Equal(expected, second.MustExit(0).Bytes);
        Outcome still = await shop.ReadAsync("read", shop.Address, "--overlay", overlay);
        Assert.Equal(expected, still.MustExit(0).Bytes);
        (await CommitAsync(shop, overlay)).MustFail(1, "is at version 2");

        (await Vmseed.RunAsync("overlay", "discard", changed)).MustFail(6, "is no overlay");
        (await Vmseed.RunAsync("overlay", "discard", overlay)).MustExit(0);
        Assert.False(File.Exists(overlay));
        Assert.True(File.Exists(changed));
    }

    // As a guest's file system would, through a loop device's eyes: writes, a hole, fsync.
    private static async Task WriteAsync(Workshop shop, string overlay, byte[] expected)
    {
        await using MountedImage mount = await MountedImage.StartAsync(
            shop, "mnt", shop.Address, "--overlay", overlay);
        string file = mount.File;
        byte[] text = "written by the mount"u8.ToArray();
        await using (FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite))
        {
            stream.Position = 70_000;
            await stream.WriteAsync(text);
            stream.Flush(flushToDisk: true);
        }

        text.CopyTo(expected, 70_000);
        await PeerProgram.OutputAsync(
            "fallocate", "--punch-hole", "--keep-size", "--offset", "1048576", "--length", "131072",
            file);
        expected.AsSpan(1 << 20, 128 * 1024).Clear();
        string stats = await File.ReadAllTextAsync(Path.Join(mount.Folder, ".stats"));
        Assert.Contains("\"isWritable\": true", stats, StringComparison.Ordinal);
        Assert.Equal(expected, await File.ReadAllBytesAsync(file));
        (await Vmseed.RunAsync("overlay", "discard", overlay)).MustFail(1, "in use");
        Assert.Equal(0, await mount.Tool.InterruptAsync());
    }

    private static async Task ExportAsync(Workshop shop, string overlay, byte[] expected)
    {
        string raw = shop["expected.raw"];
        File.WriteAllBytes(raw, expected);
        string whole = shop["whole.vhdx"];
        (await OverlayAsync(shop, "export", overlay, whole)).MustExit(0);
        Assert.True(await QemuImg.CompareAsync(whole, "vhdx", raw, "raw"));

        // Only the changes, over an image of the base.
        string below = shop["base.qcow2"];
        string child = shop["child.qcow2"];
        (await Vmseed.RunAsync("convert", shop.Disk, below)).MustExit(0);
        (await OverlayAsync(shop, "export", overlay, child, "--parent", below)).MustExit(0);
        Assert.True(await QemuImg.CompareAsync(child, "qcow2", raw, "raw"));
        await QemuImg.AssertCleanAsync(child, "qcow2");
        Assert.True(new FileInfo(child).Length < 1 << 20);
    }

    private static Task<Outcome> OverlayAsync(Workshop shop, string verb, params string[] more) =>
        Vmseed.RunAsync(
            ["overlay", verb, .. more, "--public-key", shop.PublicKey, .. shop.Apart]);

    private static Task<Outcome> CommitAsync(Workshop shop, string overlay) => OverlayAsync(
        shop, "commit", overlay, "--repo", shop.Repository, "--key", shop.Key);
}
