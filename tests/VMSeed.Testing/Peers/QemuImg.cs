using System.Text.Json;
using Xunit;

namespace VMSeed.Testing.Peers;

/// <summary>The real <c>qemu-img</c>: one member a verb. A failure of the program fails the
/// test.</summary>
/// <remarks>Formats go by QEMU's names: raw, qcow2, vmdk, vdi, vpc (VHD), vhdx,
/// parallels.</remarks>
public static class QemuImg
{
    private const string Tool = "qemu-img";

    // The exit code of "check" for a format that has none (vpc, raw).
    private const int NotSupported = 63;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    /// <summary>Makes an image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">QEMU's name of the format.</param>
    /// <param name="length">Bytes of the disk; with a parent, null takes the parent's.</param>
    /// <param name="options">What <c>-o</c> takes.</param>
    /// <param name="backing">The parent's path.</param>
    /// <param name="backingFormat">The parent's format.</param>
    public static Task CreateAsync(
        string path,
        string format,
        long? length,
        string? options = null,
        string? backing = null,
        string? backingFormat = null) =>
        PeerProgram.OutputAsync(
            Tool,
            [
                "create", "-q", "-f", format, .. Option("-o", options), .. Option("-b", backing),
                .. Option("-F", backingFormat), path,
                .. length is null ? [] : new[] { $"{length}" },
            ]);

    /// <summary>Copies a disk from one format into another.</summary>
    /// <param name="source">The file to read.</param>
    /// <param name="sourceFormat">Its format.</param>
    /// <param name="target">The file to make; what is there is overwritten.</param>
    /// <param name="targetFormat">Its format.</param>
    /// <param name="options">What <c>-o</c> takes.</param>
    /// <param name="compress">Whether to compress (<c>-c</c>).</param>
    public static Task ConvertAsync(
        string source,
        string sourceFormat,
        string target,
        string targetFormat,
        string? options = null,
        bool compress = false) =>
        PeerProgram.OutputAsync(
            Tool,
            [
                "convert", "-q", "-f", sourceFormat, "-O", targetFormat, .. Option("-o", options),
                .. compress ? new[] { "-c" } : [], source, target,
            ]);

    /// <summary>Looks an image's metadata through.</summary>
    /// <returns>What was found; null where QEMU has no check for the format.</returns>
    public static async Task<QemuCheck?> CheckAsync(string path, string format)
    {
        PeerResult result = await PeerProgram.RunAsync(
            Tool, "check", "--output=json", "-f", format, path);
        if (result.ExitCode == NotSupported)
        {
            return null;
        }

        // 2 and 3 are corruptions and leaks; whatever else is no answer.
        Assert.True(result.ExitCode is 0 or 2 or 3, $"qemu-img check {path}: {result.Text}");
        using JsonDocument report = JsonDocument.Parse(result.Output);
        int Count(string name) =>
            report.RootElement.TryGetProperty(name, out JsonElement count) ? count.GetInt32() : 0;
        return new(Count("check-errors"), Count("corruptions"), Count("leaks"), result.Text);
    }

    /// <summary>Fails unless the check finds nothing, or there is none for the format.</summary>
    public static async Task AssertCleanAsync(string path, string format)
    {
        QemuCheck? check = await CheckAsync(path, format);
        Assert.True(check?.IsClean ?? true, $"qemu-img check of {path}: {check?.Text}");
    }

    /// <summary>Whether two images hold the same disk; what only the longer has must be
    /// zeros.</summary>
    public static async Task<bool> CompareAsync(
        string one, string oneFormat, string other, string otherFormat)
    {
        PeerResult result = await PeerProgram.RunAsync(
            Tool, "compare", "-q", "-f", oneFormat, "-F", otherFormat, one, other);
        Assert.True(result.ExitCode is 0 or 1, $"qemu-img compare {one} {other}: {result.Text}");
        return result.ExitCode == 0;
    }

    /// <summary>What an image is, as QEMU's JSON has it: <c>virtual-size</c>, <c>format</c>,
    /// <c>format-specific</c>…</summary>
    public static async Task<JsonElement> InfoAsync(string path, string format) =>
        JsonSerializer.Deserialize<JsonElement>(
            await PeerProgram.OutputAsync(Tool, "info", "--output=json", "-f", format, path));

    /// <summary>What lies where.</summary>
    public static async Task<QemuExtent[]> MapAsync(string path, string format) =>
        JsonSerializer.Deserialize<QemuExtent[]>(
            await PeerProgram.OutputAsync(Tool, "map", "--output=json", "-f", format, path),
            s_json)!;

    /// <summary>Makes a disk longer or shorter.</summary>
    public static Task ResizeAsync(string path, string format, long length, bool shrink = false) =>
        PeerProgram.OutputAsync(
            Tool,
            [
                "resize", "-q", "-f", format, .. shrink ? new[] { "--shrink" } : [], path,
                $"{length}",
            ]);

    /// <summary>Writes what an image holds into its parent, and empties it.</summary>
    public static Task CommitAsync(string path, string format) =>
        PeerProgram.OutputAsync(Tool, "commit", "-q", "-f", format, path);

    /// <summary>Gives an image another parent; the empty path gives it none.</summary>
    /// <param name="path">The image.</param>
    /// <param name="format">Its format.</param>
    /// <param name="backing">The new parent's path.</param>
    /// <param name="backingFormat">The new parent's format.</param>
    /// <param name="isUnsafe">Whether only the name changes, for a parent that moved.</param>
    public static Task RebaseAsync(
        string path, string format, string backing, string? backingFormat, bool isUnsafe = false) =>
        PeerProgram.OutputAsync(
            Tool,
            [
                "rebase", "-q", .. isUnsafe ? new[] { "-u" } : [], "-f", format, "-b", backing,
                .. Option("-F", backingFormat), path,
            ]);

    private static string[] Option(string name, string? value) =>
        value is null ? [] : [name, value];
}
