using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>The text that a guest shows on its screen, read out of the graphics card's memory by
/// way of a monitor of QEMU's that the test has asked for.</summary>
internal sealed partial class GuestScreen : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(300);

    // 25 lines of 80 characters, each a byte of text and one of colour.
    private const int Columns = 80;
    private const int Size = 2 * 80 * 25;

    private readonly Socket _socket = new(
        AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private StreamReader? _lines;
    private NetworkStream? _stream;

    /// <summary>What the tool is told behind its own options.</summary>
    public static string[] ArgumentsFor(string socket) =>
        ["--", "-qmp", $"unix:{socket},server=on,wait=off"];

    /// <summary>Waits until the screen shows a text.</summary>
    public static async Task WaitForAsync(string socket, string text)
    {
        using GuestScreen screen = new();
        long start = TimeProvider.System.GetTimestamp();
        await screen.ConnectAsync(socket, start);
        for (; ; )
        {
            string shown = await screen.ReadAsync();
            if (shown.Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < _patience,
                $"'{text}' is not on the screen:\n{shown}");
            await Task.Delay(_pause, TimeProvider.System);
        }
    }

    public void Dispose()
    {
        _lines?.Dispose();
        _stream?.Dispose();
        _socket.Dispose();
    }

    private async Task ConnectAsync(string socket, long start)
    {
        while (!File.Exists(socket))
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < _patience, "QEMU has not started.");
            await Task.Delay(_pause, TimeProvider.System);
        }

        await _socket.ConnectAsync(new UnixDomainSocketEndPoint(socket));
        _stream = new NetworkStream(_socket);
        _lines = new StreamReader(_stream);
        await ExecuteAsync("""{"execute":"qmp_capabilities"}""");
    }

    private async Task<string> ReadAsync()
    {
        string command = $"xp /{Size}bx 0xb8000";
        string dump = await ExecuteAsync(
            """{"execute":"human-monitor-command","arguments":{"command-line":"COMMAND"}}"""
                .Replace("COMMAND", command, StringComparison.Ordinal));
        byte[] bytes = [.. Bytes().Matches(dump)
            .Select(match => byte.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber))];
        StringBuilder text = new();
        for (int i = 0; i < bytes.Length; i += 2)
        {
            text.Append(bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : ' ');
            text.Append((i / 2 % Columns) == Columns - 1 ? "\n" : "");
        }

        return text.ToString();
    }

    private async Task<string> ExecuteAsync(string command)
    {
        await _stream!.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"));
        for (; ; )
        {
            string line = await _lines!.ReadLineAsync() ?? throw new EndOfStreamException(
                "QEMU has ended.");
            using JsonDocument answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("return", out JsonElement value))
            {
                return value.ToString();
            }
        }
    }

    [GeneratedRegex("0x([0-9a-f]{2})\\b")]
    private static partial Regex Bytes();
}
