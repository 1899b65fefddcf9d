using VMSeed.Guest.Hardware;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Programs;
using VMSeed.Guest.Storage;

namespace VMSeed.Guest.Booting.Roots;

/// <summary>The image's root file system, as it was published.</summary>
/// <param name="undo">Gets what takes it away again.</param>
internal sealed class ImageRoot(Stack<Func<ValueTask>> undo)
{
    private const string Device = "/dev/nbd0";
    private const string Lower = "/run/initramfs/lower";
    private const string Live = "/run/initramfs/live";

    // devtmpfs has a partition's file as soon as the kernel has read the table, which may have to
    // come from a mirror.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Mounts it.</summary>
    /// <returns>Where.</returns>
    public async Task<string> MountAsync(StorageStatus status, TimeProvider time)
    {
        string type = status.RootFileSystem ?? throw new IOException(
            $"The image {status.Image} does not say where its root is: publish it with "
            + "vmseed pack's options for images that boot.");
        string device = await FindAsync(status.RootPartition, time);
        if (RootOptions.FindLivePath(type) is not { } path)
        {
            Mount(device, Lower, type);
            return Lower;
        }

        Mount(device, Live, "iso9660");
        _ = Drivers.TryLoad("loop");
        _ = Drivers.TryLoad("squashfs");
        Directory.CreateDirectory(Lower);
        Busybox.Do("mount", "-t", "squashfs", "-o", "ro,loop", Path.Join(Live, path), Lower);
        undo.Push(() => Unmount(Lower));
        return Lower;
    }

    private void Mount(string device, string folder, string type)
    {
        (string driver, string? options) = RootOptions.Of(type);
        _ = Drivers.TryLoad(driver);
        Mounts.Mount(device, folder, driver, MountFlags.ReadOnly, options);
        undo.Push(() => Unmount(folder));
    }

    private static ValueTask Unmount(string folder)
    {
        if (!Mounts.TryUnmount(folder)) { _ = Mounts.TryDetach(folder); }

        return default;
    }

    private static async Task<string> FindAsync(int partition, TimeProvider time)
    {
        // The first opening has the kernel read the table of partitions.
        await using (FileStream whole = File.OpenRead(Device)) { }

        if (partition == 0) { return Device; }

        string device = $"{Device}p{partition}";
        long start = time.GetTimestamp();
        while (!File.Exists(device))
        {
            if (time.GetElapsedTime(start) > s_patience)
            {
                throw new IOException($"The image's disk has no partition {partition}.");
            }

            await Task.Delay(s_pause, time);
        }

        return device;
    }
}
