using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Cloop;
using VMSeed.Disks.Formats.Parallels;
using VMSeed.Disks.Formats.Qcow2;
using VMSeed.Disks.Formats.Raw;
using VMSeed.Disks.Formats.Vdi;
using VMSeed.Disks.Formats.Vhd;
using VMSeed.Disks.Formats.Vhdx;
using VMSeed.Disks.Formats.Vmdk;

namespace VMSeed.Disks;

/// <summary>Tells formats by the content of their files.</summary>
public static class FormatProbe
{
    // VHD comes first: its footer stands behind the disk, where no guest of a fixed one can write,
    // while the mark of any other format may be what a guest wrote at the beginning. Raw comes
    // last: it recognizes everything.
    private static readonly FormatDriver[] s_drivers =
    [
        new VhdDriver(),
        new VdiDriver(),
        new Qcow2Driver(),
        new VmdkDriver(),
        new ParallelsDriver(),
        new CloopDriver(),
        new VhdxDriver(),
        new RawDriver(),
    ];

    /// <summary>Tells the format of a file.</summary>
    /// <param name="file">The file, from which at most 5 KiB are read.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The format; <see cref="DiskFormat.Raw"/> when it is none that is known by a
    /// mark.</returns>
    public static async ValueTask<DiskFormat> ProbeAsync(
        BlockDevice file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return (await FindAsync(file, cancellationToken).ConfigureAwait(false)).Format;
    }

    internal static async ValueTask<FormatDriver> FindAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        ProbeWindow window = await ProbeWindow.ReadAsync(file, cancellationToken)
            .ConfigureAwait(false);
        return s_drivers.First(driver => driver.Recognizes(window));
    }

    /// <summary>The file that stands for an image: the image's own, or one in its folder.</summary>
    internal static string FindFile(string path) => Directory.Exists(path)
        ? s_drivers.Where(driver => driver.FolderFile is not null)
            .Select(driver => Path.Join(path, driver.FolderFile))
            .FirstOrDefault(File.Exists)
            ?? throw new DiskFormatException(
                DiskFault.Unrecognized, $"The folder {path} is no image of a format that has any.")
        : path;

    internal static FormatDriver Of(DiskFormat format) =>
        s_drivers.FirstOrDefault(driver => driver.Format == format)
        ?? throw DiskFormatException.Unsupported($"{format} is no format that is known here.");
}
