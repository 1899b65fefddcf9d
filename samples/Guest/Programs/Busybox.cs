using System.Diagnostics;

namespace VMSeed.Guest.Programs;

/// <summary>Runs the programs that the client does not do itself: busybox's applets, and those of
/// e2fsprogs.</summary>
internal static class Busybox
{
    public const string Path = "/bin/busybox";

    /// <summary>Runs an applet to its end.</summary>
    public static ProgramResult Run(params string[] arguments) => RunProgram(Path, arguments);

    /// <summary>Runs an applet that must succeed.</summary>
    /// <exception cref="IOException">It has not; with what it said.</exception>
    public static void Do(params string[] arguments) =>
        Run(arguments).ThrowIfFailed(string.Join(' ', arguments));

    /// <summary>Starts an applet and leaves it to itself.</summary>
    public static void Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!.Dispose();

    /// <summary>Runs a program to its end.</summary>
    public static ProgramResult RunProgram(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProgramResult(process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}
