using System.CommandLine;
using System.CommandLine.Parsing;
using VMSeed.Disks;

namespace VMSeed.Tool.Images;

/// <summary>What people call the formats: our names, QEMU's, and the endings of files.</summary>
internal static class FormatNames
{
    private const string Shape = "raw|vmdk|vdi|vhd|vhdx|parallels|qcow2|cloop";

    private static readonly Dictionary<string, DiskFormat> _formats =
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["raw"] = DiskFormat.Raw,
            ["img"] = DiskFormat.Raw,
            ["vmdk"] = DiskFormat.Vmdk,
            ["vdi"] = DiskFormat.Vdi,
            ["vhd"] = DiskFormat.Vhd,
            ["vpc"] = DiskFormat.Vhd,
            ["vhdx"] = DiskFormat.Vhdx,
            ["parallels"] = DiskFormat.Parallels,
            ["hdd"] = DiskFormat.Parallels,
            ["qcow2"] = DiskFormat.Qcow2,
            ["cloop"] = DiskFormat.Cloop,
        };

    public static Option<DiskFormat?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = Shape,
        CustomParser = Parse,
    };

    /// <summary>An option that may be given several times.</summary>
    public static Option<DiskFormat[]> Options(string name, string description) => new(name)
    {
        Description = description,
        HelpName = Shape,
        CustomParser = result =>
            [.. result.Tokens.Select(token => Parse(result, token.Value)).OfType<DiskFormat>()],
    };

    /// <summary>The format that a file's ending stands for; null where it stands for
    /// none.</summary>
    public static DiskFormat? OfPath(string path) =>
        _formats.TryGetValue(Path.GetExtension(path).TrimStart('.'), out DiskFormat format)
            ? format
            : null;

    public static string Of(DiskFormat format) => format.ToString().ToLowerInvariant();

    private static DiskFormat? Parse(ArgumentResult result) =>
        Parse(result, result.Tokens[^1].Value);

    private static DiskFormat? Parse(ArgumentResult result, string text)
    {
        if (_formats.TryGetValue(text, out DiskFormat format))
        {
            return format;
        }

        result.AddError($"'{text}' is no format that is known here; {Shape} are.");
        return null;
    }
}
