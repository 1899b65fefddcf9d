using System.Diagnostics;

namespace VMSeed.Fuse.Tests;

/// <summary>Runs programs of the system.</summary>
internal static class Shell
{
    /// <summary>Runs a program to its end, and expects success.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: "
            + $"{await errors}{output}");
        return output;
    }

    /// <summary>Starts a program.</summary>
    public static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
