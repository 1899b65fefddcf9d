using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace VMSeed.Tool.Running;

/// <summary>The side of QEMU that takes orders and tells what happens: its machine protocol,
/// QMP.</summary>
/// <remarks>QEMU connects to a socket of ours, so that nobody waits for a file to appear. A line is
/// one message of JSON (QEMU, docs/interop/qmp-spec).</remarks>
internal sealed class GuestMonitor : IDisposable
{
    private readonly Socket _listener = new(
        AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private readonly SemaphoreSlim _oneWriter = new(1, 1);
    private readonly TaskCompletionSource<Stream> _connected = new();

    public GuestMonitor(string socket)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen(1);
    }

    /// <summary>Raised for each event, with its name and its data.</summary>
    public event Action<string, JsonElement>? Happened;

    /// <summary>Receives until QEMU has ended.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            using Socket socket = await _listener.AcceptAsync(cancellationToken);
            await using NetworkStream stream = new(socket);
            using StreamReader lines = new(stream, Encoding.UTF8);
            await lines.ReadLineAsync(cancellationToken);
            await SendAsync(stream, "qmp_capabilities");
            _connected.TrySetResult(stream);
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                Tell(line);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException
            or SocketException or ObjectDisposedException)
        {
            // QEMU has ended: whoever waits for that hears it from its process.
            _connected.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Presses the machine's power button.</summary>
    public Task PowerDownAsync() => ExecuteAsync("system_powerdown");

    /// <summary>Lets a paused guest go on; a transfer that failed is tried again.</summary>
    public Task ContinueAsync() => ExecuteAsync("cont");

    /// <summary>Ends QEMU at once, which for the guest is a loss of power.</summary>
    public Task QuitAsync() => ExecuteAsync("quit");

    public void Dispose()
    {
        _connected.TrySetCanceled();
        _listener.Dispose();
        _oneWriter.Dispose();
    }

    private async Task ExecuteAsync(string command)
    {
        try
        {
            await SendAsync(await _connected.Task, command);
        }
        catch (Exception end) when (end is OperationCanceledException or IOException
            or ObjectDisposedException)
        {
            // There is no guest any more that an order could be for.
        }
    }

    private async Task SendAsync(Stream stream, string command)
    {
        await _oneWriter.WaitAsync();
        try
        {
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($$"""{"execute":"{{command}}"}""" + "\n"));
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    private void Tell(string line)
    {
        using JsonDocument message = JsonDocument.Parse(line);
        if (message.RootElement.TryGetProperty("event", out JsonElement name))
        {
            message.RootElement.TryGetProperty("data", out JsonElement data);
            Happened?.Invoke(name.GetString()!, data);
        }
    }
}
