using System.Globalization;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.BootDisk;

/// <summary>A FAT32 file system within a file, written by mtools: without a mount, so without
/// root.</summary>
/// <remarks>Files that are written to an empty volume one behind the other lie there in that order
/// and in one piece, so that a boot reads forwards.</remarks>
internal sealed class FatVolume
{
    private const int SectorSize = 512;

    // 1 KiB: with 512 bytes the two tables of 128 MiB take a second unit of 1 MiB; with 2 KiB there
    // are less than 65,525 clusters, which is the least that makes a FAT32.
    private const string SectorsPerCluster = "2";

    private readonly Dictionary<string, string> _environment;
    private readonly string _volume;
    private readonly long _offset;
    private readonly long _length;

    /// <summary>Names a volume.</summary>
    /// <param name="file">The file that it lies in.</param>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="time">The time of all files.</param>
    public FatVolume(string file, long offset, long length, DateTimeOffset time)
    {
        (_offset, _length) = (offset, length);
        _volume = $"{file}@@{offset}";
        _environment = new Dictionary<string, string>
        {
            // The user's own configuration must not change what is built.
            ["MTOOLSRC"] = "/dev/null",
            ["MTOOLS_SKIP_CHECK"] = "1",
            ["TZ"] = "UTC",
            ["SOURCE_DATE_EPOCH"] =
                time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Makes the file system, empty.</summary>
    /// <param name="label">Its label: up to 11 capitals.</param>
    /// <param name="serial">Its number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task FormatAsync(string label, uint serial, CancellationToken cancellationToken) =>
        RunAsync(
            "mformat",
            [
                "-F", "-c", SectorsPerCluster,
                "-T", Text(_length / SectorSize), "-H", Text(_offset / SectorSize),
                "-h", "255", "-s", "63",
                "-N", serial.ToString("X8", CultureInfo.InvariantCulture), "-v", label,
                "::",
            ],
            cancellationToken);

    /// <summary>Makes a folder.</summary>
    public Task MakeFolderAsync(string path, CancellationToken cancellationToken) =>
        RunAsync("mmd", ["::" + path], cancellationToken);

    /// <summary>Writes a file.</summary>
    /// <param name="path">Its path in the volume.</param>
    /// <param name="source">The file that it is a copy of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task CopyAsync(string source, string path, CancellationToken cancellationToken) =>
        RunAsync("mcopy", [source, "::" + path], cancellationToken);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path in the volume.</param>
    /// <param name="target">The file to make.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ReadAsync(string path, string target, CancellationToken cancellationToken) =>
        RunAsync("mcopy", ["-n", "::" + path, target], cancellationToken);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<string> RunAsync(
        string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        new ExternalTool(tool, "mtools") { Environment = _environment }
            .RunAsync(["-i", _volume, .. arguments], cancellationToken);
}
