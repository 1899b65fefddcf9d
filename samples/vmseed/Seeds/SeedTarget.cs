using VMSeed.Disks;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Seeds;

/// <summary>A file that a seed is to be written to.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Its format; null for a tar archive that holds the raw disk.</param>
internal sealed record SeedTarget(string Path, DiskFormat? Format)
{
    private const string Tar = ".tar";

    public string Title => Format is { } format ? FormatNames.Of(format) : "raw in tar";

    /// <summary>Makes targets of what the user gave: a file whose ending tells its format, or a
    /// name to which each format that was asked for adds its ending.</summary>
    public static IReadOnlyList<SeedTarget> Of(
        IReadOnlyList<string> outputs, IReadOnlyList<DiskFormat> formats)
    {
        SeedTarget[] targets = [.. outputs.SelectMany(output => Of(output, formats))];
        IGrouping<string, SeedTarget>? twice = targets
            .GroupBy(target => System.IO.Path.GetFullPath(target.Path))
            .FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? targets
            : throw new ToolException(ExitCode.Usage, $"{twice.Key} is asked for twice.");
    }

    /// <summary>Writes a seed.</summary>
    public async Task<SeedFile> WriteAsync(
        Seed seed, bool force, CopyTicks ticks, CancellationToken cancellationToken)
    {
        using ReplacedFile old = ReplacedFile.Take(Path, force);
        SeedFile file = Format is { } format
            ? await SeedWriter.WriteAsync(seed, Path, format, ticks, cancellationToken)
            : await SeedWriter.WriteTarAsync(seed, Path, ticks, cancellationToken);
        old.Drop();
        return file;
    }

    private static IEnumerable<SeedTarget> Of(string output, IReadOnlyList<DiskFormat> formats)
    {
        if (System.IO.Path.GetExtension(output) == Tar)
        {
            return [new SeedTarget(output, null)];
        }

        if (FormatNames.OfPath(output) is { } format)
        {
            return [new SeedTarget(output, format)];
        }

        return formats.Count > 0
            ? formats.Select(one => new SeedTarget($"{output}.{EndingOf(one)}", one))
            : throw new ToolException(
                ExitCode.Usage,
                $"{output} does not say its format: give it an ending, such as .vmdk or .tar, or "
                + "give --format.");
    }

    private static string EndingOf(DiskFormat format) =>
        format == DiskFormat.Parallels ? "hdd" : FormatNames.Of(format);
}
