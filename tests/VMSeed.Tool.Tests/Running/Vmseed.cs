using System.Diagnostics;

namespace VMSeed.Tool.Tests.Running;

/// <summary>The built tool, run as a user runs it.</summary>
internal static class Vmseed
{
    /// <summary>No verb of these tests takes longer, whatever else the machine does.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>The program in its own output folder: beside the tests it lacks what they have
    /// from a shared framework.</summary>
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(
        AppContext.BaseDirectory,
        "../../vmseed",
        new DirectoryInfo(AppContext.BaseDirectory).Name,
        "vmseed"));

    /// <summary>Runs it to its end.</summary>
    public static Task<Outcome> RunAsync(params string[] arguments) =>
        RunAsync(Path, arguments, _patience);

    /// <summary>Runs it to its end, which may take longer than the others.</summary>
    public static Task<Outcome> RunAsync(TimeSpan patience, params string[] arguments) =>
        RunAsync(Path, arguments, patience);

    /// <summary>Runs a line of bash, in which $V is the tool.</summary>
    public static Task<Outcome> ShellAsync(string script) =>
        RunAsync("bash", ["-c", $"set -o pipefail; V='{Path}'; {script}"], _patience);

    private static async Task<Outcome> RunAsync(
        string program, string[] arguments, TimeSpan patience)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        using CancellationTokenSource late = new(patience);
        try
        {
            Task<byte[]> output = ReadAsync(process.StandardOutput.BaseStream, late.Token);
            string error = await process.StandardError.ReadToEndAsync(late.Token);
            byte[] bytes = await output;
            await process.WaitForExitAsync(late.Token);
            return new Outcome(process.ExitCode, bytes, error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            string command = string.Join(' ', [program, .. arguments]);
            throw new TimeoutException($"{command} did not end within {patience}.");
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream bytes = new();
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}
