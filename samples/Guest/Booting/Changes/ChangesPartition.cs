using VMSeed.Guest.Consoles;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Programs;

namespace VMSeed.Guest.Booting.Changes;

/// <summary>The partition that the user's changes are kept on.</summary>
internal sealed class ChangesPartition(string device, GuestConsole console)
{
    /// <summary>Where it is mounted: below the folder that systemd leaves alone to the
    /// end.</summary>
    public const string Folder = "/run/initramfs/changes";

    // The superblock of ext4, and its magic number in it (linux/fs/ext4/ext4.h).
    private const int SuperblockStart = 1024;
    private const int MagicStart = SuperblockStart + 0x38;
    private const ushort Magic = 0xEF53;

    // What is looked at to tell an empty partition from somebody's data.
    private const int LookedAt = 64 * 1024;

    // e2fsck: 0 is clean, 1 mended, 2 mended and to be mounted anew.
    private const int Mended = 2;

    /// <summary>Mounts it; makes its file system where it is empty.</summary>
    public void Mount()
    {
        byte[] start = new byte[LookedAt];
        using (FileStream stream = File.OpenRead(device)) { stream.ReadExactly(start); }

        if (start.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            Make();
        }
        else if (BitConverter.ToUInt16(start, MagicStart) != Magic)
        {
            throw new IOException(
                $"The partition for the changes, {device}, holds something that is no ext4 file "
                + "system. The menu's 'without my changes' boots all the same.");
        }
        else
        {
            Check();
        }

        // Without noinit_itable the kernel writes the tables of inodes after the first mount: 240
        // MiB of a growing disk.
        Mounts.Mount(
            device, Folder, "ext4", MountFlags.NoAccessTimes, "noinit_itable");
    }

    public ValueTask UnmountAsync()
    {
        if (!Mounts.TryUnmount(Folder)) { _ = Mounts.TryDetach(Folder); }

        return default;
    }

    private void Make()
    {
        console.Say("the changes partition is new: a file system is made on it");
        Busybox.RunProgram(
            "/sbin/mke2fs", "-q", "-t", "ext4", "-F",
            "-O", "sparse_super2,^resize_inode",
            "-E", "packed_meta_blocks=1,lazy_itable_init=1,num_backup_sb=1",
            "-L", "vmseed-changes", device)
            .ThrowIfFailed("mke2fs");
    }

    private void Check()
    {
        ProgramResult result = Busybox.RunProgram("/sbin/e2fsck", "-p", device);
        if (result.ExitCode > Mended)
        {
            throw new IOException(
                $"The file system of the changes, on {device}, is damaged, and is not mended "
                + $"without somebody's word ({result.Output.Trim()}). In the shell: "
                + $"e2fsck -y {device}");
        }

        if (result.ExitCode != 0) { console.Say("the file system of the changes was mended"); }
    }
}
