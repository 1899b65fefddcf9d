using System.Diagnostics;
using System.Globalization;

namespace VMSeed.Blocks.Tests.Caching;

/// <summary>What a folder occupies on its disk, as du sees it.</summary>
internal static class DiskUsage
{
    public static async Task<long> OfAsync(string folder)
    {
        string[] arguments = ["-s", "-B1", folder + "/store"];
        using Process du = Process.Start(
            new ProcessStartInfo("du", arguments) { RedirectStandardOutput = true })!;
        string line = await du.StandardOutput.ReadToEndAsync();
        await du.WaitForExitAsync();
        return long.Parse(line.Split('\t')[0], CultureInfo.InvariantCulture);
    }
}
