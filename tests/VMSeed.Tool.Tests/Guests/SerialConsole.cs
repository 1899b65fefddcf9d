using System.Globalization;
using System.Text;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>Somebody at a guest's serial port.</summary>
/// <param name="output">What the guest says.</param>
/// <param name="input">What it is told.</param>
/// <param name="patience">How long to wait for what is expected.</param>
/// <param name="explain">Says more when the guest has ended.</param>
internal sealed class SerialConsole(
    TextReader output, TextWriter input, TimeSpan patience, Func<Task<string>> explain)
{
    private readonly StringBuilder _console = new();
    private int _commands;

    /// <summary>What has come, of which a test has not seen the end.</summary>
    public string Unread => _console.ToString();

    /// <summary>Waits until a text has come.</summary>
    /// <returns>What came before it.</returns>
    public async Task<string> ReadToAsync(string text)
    {
        using CancellationTokenSource late = new(patience);
        char[] buffer = new char[4096];
        for (; ; )
        {
            string console = _console.ToString();
            int at = console.IndexOf(text, StringComparison.Ordinal);
            if (at >= 0)
            {
                _console.Remove(0, at + text.Length);
                return console[..at];
            }

            int count;
            try
            {
                count = await output.ReadAsync(buffer, late.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"'{text}' has not come: {console}");
            }

            if (count == 0)
            {
                Assert.Fail($"The guest has ended: {console}\n{await explain()}");
            }

            _console.Append(buffer, 0, count);
        }
    }

    /// <summary>Has the guest's shell execute a command that must succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> ExecuteAsync(string command)
    {
        string number = (++_commands).ToString(CultureInfo.InvariantCulture);
        // Quotes keep the marks from being found in an echo of the command.
        await WriteLineAsync($"echo 'BEGIN'-{number}; {command}; echo 'END'-{number}-$?");
        await ReadToAsync($"BEGIN-{number}");
        string said = await ReadToAsync($"END-{number}-");
        string status = await ReadToAsync("\n");
        Assert.True(status.Trim() == "0", $"{command}: exit code {status}{said}");
        return said.ReplaceLineEndings("\n").Trim();
    }

    /// <summary>Types a line.</summary>
    public async Task WriteLineAsync(string line)
    {
        await input.WriteLineAsync(line);
        await input.FlushAsync();
    }

    /// <summary>Presses a key.</summary>
    public async Task PressAsync(char key)
    {
        await input.WriteAsync(key);
        await input.FlushAsync();
    }

    /// <summary>Reads to the end, which is the guest's.</summary>
    public async Task<string> ReadToEndAsync(CancellationToken cancellationToken)
    {
        string rest = await output.ReadToEndAsync(cancellationToken);
        string all = _console.ToString() + rest;
        _console.Clear();
        return all;
    }
}
