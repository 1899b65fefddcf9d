using System.Diagnostics;
using Xunit;

namespace VMSeed.Testing.Peers;

/// <summary>Runs a program of eng/tools.txt to its end and keeps what it says.</summary>
/// <remarks>The test is skipped where the program is not installed.</remarks>
public static class PeerProgram
{
    // The slowest use here takes 2 s alone on the machine; a program that hangs still ends the
    // test well before the stage's own limit of 15 minutes.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a program.</summary>
    /// <exception cref="TimeoutException">It did not end; it has been killed.</exception>
    public static async Task<PeerResult> RunAsync(string tool, params IEnumerable<string> arguments)
    {
        using Process process = Start(tool, arguments);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        limit.CancelAfter(s_limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{tool} {string.Join(' ', arguments)} did not end within {s_limit}.", e);
        }
    }

    /// <summary>Runs a program that has to succeed.</summary>
    /// <returns>Its standard output.</returns>
    public static async Task<string> OutputAsync(string tool, params IEnumerable<string> arguments)
    {
        PeerResult result = await RunAsync(tool, arguments);
        Assert.True(
            result.ExitCode == 0, $"{tool} {string.Join(' ', arguments)}: {result.Text}");
        return result.Output;
    }

    private static Process Start(string tool, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Need.Tool(tool), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Numbers and messages as the tests expect them, whatever the machine speaks.
        start.Environment["LC_ALL"] = "C.UTF-8";
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
