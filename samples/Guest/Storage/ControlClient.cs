using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace VMSeed.Guest.Storage;

/// <summary>Speaks to the storage daemon: one line asks, lines answer, and the daemon hangs
/// up.</summary>
internal static class ControlClient
{
    /// <summary>The daemon's address: an abstract one, for it must be reached before and after
    /// every change of roots. The daemon answers root alone.</summary>
    public const string Address = "\0vmseed-control";

    /// <summary>Asks for something.</summary>
    /// <param name="request">What, in one line.</param>
    /// <param name="cancellationToken">Gives the wait for answers up.</param>
    /// <returns>The lines of the answer, as they come.</returns>
    /// <exception cref="SocketException">There is no daemon.</exception>
    public static async IAsyncEnumerable<string> AskAsync(
        string request,
        [System.Runtime.CompilerServices.EnumeratorCancellation]
        CancellationToken cancellationToken = default)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Address), cancellationToken);
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request + "\n"), cancellationToken);
        using StreamReader lines = new(stream);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Asks how the daemon is.</summary>
    /// <returns>Null where there is none.</returns>
    public static async Task<StorageStatus?> FindStatusAsync()
    {
        try
        {
            await foreach (string line in AskAsync(ControlServer.Status))
            {
                return JsonSerializer.Deserialize(line, StorageJsonContext.Default.StorageStatus);
            }
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            // Not there yet, or not any more.
        }

        return null;
    }
}
