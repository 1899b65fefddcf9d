using System.Net.Sockets;
using System.Text;

namespace VMSeed.Guest.Storage;

/// <summary>Answers what the guest asks the storage daemon.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>How the daemon is: one line of JSON.</summary>
    public const string Status = "status";

    /// <summary>Fetch everything: lines of "DONE TOTAL" in bytes.</summary>
    public const string Prefetch = "prefetch";

    /// <summary>Put the boot files into the folder that is named behind it.</summary>
    public const string BootFiles = "boot-files ";

    /// <summary>Let the disk go, and end.</summary>
    public const string Finish = "finish";

    /// <summary>The last line of what succeeded.</summary>
    public const string Done = "done";

    /// <summary>What the last line begins with where something failed.</summary>
    public const string Failed = "failed ";

    private const int Backlog = 16;
    private const int LongestRequest = 4096;

    // struct ucred of socket(7): process, user, group.
    private const int PeerCredentials = 17;
    private const int SocketLevel = 1;

    private readonly Socket _listener = new(
        AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private readonly Func<string, Func<string, Task>, Task> _answer;
    private readonly Task _accepting;

    /// <summary>Listens.</summary>
    /// <param name="answer">Answers a request: gets it, and what sends a line.</param>
    public ControlServer(Func<string, Func<string, Task>, Task> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(ControlClient.Address));
        _listener.Listen(Backlog);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (; ; )
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            if (!IsRoot(client)) { return; }

            try
            {
                await using NetworkStream stream = new(client);
                byte[] buffer = new byte[LongestRequest];
                int length = await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false);
                await AnswerAsync(Encoding.UTF8.GetString(buffer, 0, length).Trim(), stream);
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException)
            {
                // The client has left without hearing the answer.
            }
        }
    }

    private async Task AnswerAsync(string request, NetworkStream stream)
    {
        Task Send(string line) => stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n")).AsTask();
        try
        {
            await _answer(request, Send);
        }
        catch (Exception fault)
        {
            await Send(Failed + fault.Message.ReplaceLineEndings(" "));
        }
    }

    private static bool IsRoot(Socket client)
    {
        Span<byte> credentials = stackalloc byte[12];
        _ = client.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.ToInt32(credentials[4..]) == 0;
    }
}
