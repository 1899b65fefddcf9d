using System.Diagnostics;
using VMSeed.Testing;
using VMSeed.Tool.Tests.Guests;

namespace VMSeed.Tool.Tests.Seeds;

/// <summary>The guest client as native code, compiled out of this tree; a second time in a moment
/// where nothing of it has changed.</summary>
internal static class GuestClient
{
    // Half a minute on a machine that does nothing else.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>Publishes it.</summary>
    /// <returns>The program's path; its library lies beside it.</returns>
    public static async Task<string> PublishAsync()
    {
        string project = Path.GetFullPath(
            Path.Join(AppContext.BaseDirectory, "../../../../samples/Guest"));
        string folder = Path.Join(GuestImages.Folder, "client");
        using Process process = Process.Start(new ProcessStartInfo(
            Need.Tool("dotnet"),
            [
                "publish", project, "-c", "Release", "-r", "linux-x64", "-v", "q", "-o", folder,
                "-p:RunAnalyzers=false", "-p:CppCompilerAndLinker=gcc", "-nodeReuse:false",
            ])
        {
            RedirectStandardOutput = true,
        })!;
        using CancellationTokenSource late = new(s_patience);
        try
        {
            string said = await process.StandardOutput.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            Assert.True(process.ExitCode == 0, said);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return Path.Join(folder, "vmseed-guest");
    }
}
