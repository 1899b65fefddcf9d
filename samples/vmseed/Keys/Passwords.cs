using System.CommandLine;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Keys;

/// <summary>Where passwords come from: a file, or the terminal without echo.</summary>
internal sealed class Passwords(string? file)
{
    /// <summary>Longer than any password that minisign takes.</summary>
    private const int LongestLine = 2048;

    public static Option<string?> FileOption { get; } = new("--password-file")
    {
        Description = "A file whose first line is the key's password; - is the standard input.",
        HelpName = "FILE",
    };

    public bool IsFromFile => file is not null;

    public static Passwords From(ParseResult line) => new(line.GetValue(FileOption));

    /// <summary>Gets a password.</summary>
    /// <returns>Its characters, for the caller to wipe.</returns>
    public async Task<char[]> AskAsync(string prompt, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            using TextReader reader = file == "-" ? Console.In : new StreamReader(file);
            return (await reader.ReadLineAsync(cancellationToken) ?? string.Empty).ToCharArray();
        }

        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"a password is needed, and there is no terminal to ask at: "
                + $"use {FileOption.Name} FILE.");
        }

        Console.Error.Write(prompt);
        try
        {
            // A thread that waits for a key cannot be cancelled; it ends with the process.
            return await Task.Run(ReadKeys, cancellationToken).WaitAsync(cancellationToken);
        }
        finally
        {
            Console.Error.WriteLine();
        }
    }

    private static char[] ReadKeys()
    {
        char[] line = new char[LongestLine];
        int length = 0;
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                length = Math.Max(0, length - 1);
            }
            else if (!char.IsControl(key.KeyChar) && length < LongestLine)
            {
                line[length++] = key.KeyChar;
            }
        }

        char[] password = line[..length];
        Array.Clear(line);
        return password;
    }
}
