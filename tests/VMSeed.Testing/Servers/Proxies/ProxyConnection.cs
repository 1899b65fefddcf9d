using System.Net.Sockets;

namespace VMSeed.Testing.Servers.Proxies;

/// <summary>A client's connection to a proxy, and the one to the server that answers for
/// it.</summary>
/// <param name="proxy">The proxy.</param>
/// <param name="client">The client's end.</param>
/// <param name="number">Its number, from 1 in order of arrival.</param>
internal sealed class ProxyConnection(FaultProxy proxy, Socket client, int number) : IDisposable
{
    private readonly HttpWire _client = new(new NetworkStream(client));
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SendWindow _window = new();
    private HttpWire? _upstream;

    /// <summary>Whether a connection just ended: a client went away, or the proxy did.</summary>
    /// <remarks>What else is thrown is a mistake of the proxy, and fails the test when the proxy is
    /// disposed of.</remarks>
    public static bool IsEnd(Exception thrown) => thrown
        is IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Forwards requests and answers, one after the other.</summary>
    public async Task ServeAsync(CancellationToken stop)
    {
        client.NoDelay = true;
        try
        {
            while (await _client.ReadHeadAsync(stop) is { } head)
            {
                await ForwardAsync(head, stop);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The connection has ended, in whichever way.
        }
    }

    /// <summary>Cuts the connection with a reset (RST), not an orderly end.</summary>
    public void Reset()
    {
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private async Task ForwardAsync(string head, CancellationToken stop)
    {
        ServedRequest request = ServedRequest.Parse(head, number);
        proxy.Take(request);
        ProxyCondition condition = proxy.Condition;
        double half = condition.RoundTrip.TotalMilliseconds / 2;
        double arrived = proxy.Now + half;
        await proxy.WaitUntilAsync(arrived, stop);
        await proxy.WaitWhileAsync(IsQuiet, stop);
        double answered = Math.Max(arrived, proxy.Now)
            + proxy.Chance(condition.Jitter.TotalMilliseconds);
        ProxyAnswer answer = new(proxy, _client, _window, answered);
        switch (proxy.Condition)
        {
            case { Fault: ProxyFault.Portal }:
                await answer.SendAsync(
                    "200 OK",
                    "Content-Type: text/html; charset=utf-8",
                    "<html><body>Welcome to the hotel. Please log in.</body></html>",
                    stop);
                break;
            case { Fault: ProxyFault.Busy, RetryAfter: var rest }:
                await answer.SendAsync(
                    "503 Service Unavailable", $"Retry-After: {rest.TotalSeconds:0}", "", stop);
                break;
            case { Fault: var fault }:
                await AskAsync(fault == ProxyFault.WholeFile ? WithoutRange(head) : head, stop);
                string reply = await _upstream!.ReadHeadAsync(stop) ?? throw new IOException();
                bool hasBody = !head.StartsWith("HEAD ", StringComparison.Ordinal);
                if (!await answer.ForwardAsync(reply, _upstream, hasBody, stop))
                {
                    Reset();
                }

                break;
        }
    }

    private async Task AskAsync(string head, CancellationToken stop)
    {
        if (_upstream is null)
        {
            await _server.ConnectAsync(proxy.Server.Host, proxy.Server.Port, stop);
            _upstream = new HttpWire(new NetworkStream(_server));
        }

        await _upstream.SendAsync(head, stop);
    }

    private static bool IsQuiet(ProxyFault fault) =>
        fault is ProxyFault.Silent or ProxyFault.Unanswered;

    private static string WithoutRange(string head) => string.Join(
        "\r\n",
        head.Split("\r\n").Where(line => !line.StartsWith(
            "Range:", StringComparison.OrdinalIgnoreCase)));
}
