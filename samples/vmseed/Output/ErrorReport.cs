using System.CommandLine;
using System.Security.Cryptography;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Binary;
using VMSeed.ImageBuilder;
using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Output;

/// <summary>The one line on the standard error that a failure is told in.</summary>
internal static class ErrorReport
{
    public static void WriteLine(string message) => Console.Error.WriteLine($"vmseed: {message}");

    /// <summary>What was wrong with the command line, and where help is.</summary>
    public static void WriteUsage(ParseResult line)
    {
        foreach (string message in line.Errors.Select(error => error.Message).Distinct())
        {
            WriteLine(message);
        }

        string path = string.Join(' ', PathTo(line.CommandResult.Command));
        Console.Error.WriteLine($"Try '{path} --help'.");
    }

    /// <summary>Tells a failure.</summary>
    /// <returns>The exit code that it stands for.</returns>
    public static int Write(Exception failure, bool verbose)
    {
        int code = CodeOf(failure);
        if (code != ExitCode.PipeClosed)
        {
            WriteLine(MessageOf(failure));
        }

        if (verbose)
        {
            Console.Error.WriteLine(failure);
        }

        return code;
    }

    private static int CodeOf(Exception failure) => failure switch
    {
        ToolException known => known.ExitCode,
        BlockIOException known => ExitCode.Of(known.Reason),
        DiskFormatException known => ExitCode.Of(known.Fault),
        ImageBuilderException known => ExitCode.Of(known.Fault),
        FileNotFoundException or DirectoryNotFoundException => ExitCode.Missing,
        CryptographicException => ExitCode.Refused,
        InvalidDataException => ExitCode.Corrupt,
        FormatException or ArgumentException => ExitCode.Usage,
        _ => ExitCode.Other,
    };

    // A failure that nobody foresaw is told with its type: that is what will be searched for.
    private static string MessageOf(Exception failure) => failure switch
    {
        BlockIOException known => $"{known.Reason.ToString().ToLowerInvariant()}: {known.Message}",
        DiskFormatException { Fault: DiskFault.NotGranted } known =>
            $"refused: {known.Message} (--allow-files DIR grants a folder.)",
        ArgumentException known => known.Message.Split(" (Parameter '", 2)[0],
        ToolException or ImageBuilderException or IOException or UnauthorizedAccessException
            or FormatException or CryptographicException or InvalidDataException
            or NotSupportedException => failure.Message,
        _ => $"{failure.GetType().Name}: {failure.Message} (--verbose tells where.)",
    };

    private static IEnumerable<string> PathTo(Command command)
    {
        foreach (Command parent in command.Parents.OfType<Command>().Take(1))
        {
            foreach (string name in PathTo(parent))
            {
                yield return name;
            }
        }

        yield return command is RootCommand ? "vmseed" : command.Name;
    }
}
