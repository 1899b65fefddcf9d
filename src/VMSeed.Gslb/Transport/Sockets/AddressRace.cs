using System.Net;
using System.Net.Sockets;

namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>Connects to a name: its addresses are tried one after the other, a little apart, and
/// the first that connects is taken (RFC 8305, Happy Eyeballs).</summary>
/// <remarks>.NET tries them strictly in turn: a first address that swallows packets costs the whole
/// connect timeout.</remarks>
/// <param name="book">The order, and what is learned for the next time.</param>
/// <param name="time">The clock.</param>
/// <param name="resolve">Asks the name service for both families.</param>
/// <param name="connect">Connects to one address.</param>
internal sealed class AddressRace(
    AddressBook book,
    TimeProvider time,
    Func<string, CancellationToken, Task<IPAddress[]>> resolve,
    Func<IPEndPoint, CancellationToken, Task<Stream>> connect)
{
    /// <summary>A race over the name service and the sockets of the system.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>The race.</returns>
    public static AddressRace OfSystem(TimeProvider time) =>
        new(new AddressBook(time), time, Dns.GetHostAddressesAsync, ConnectSocketAsync);

    /// <summary>Connects.</summary>
    /// <param name="host">The name, or an address as text.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Gives all attempts up.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="SocketException">No address connected; of several errors the
    /// last.</exception>
    public async Task<Stream> ConnectAsync(
        string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = book.Sort(
            await resolve(host, cancellationToken).ConfigureAwait(false));
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        using CancellationTokenSource over =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Runner> runners = [];
        try
        {
            Runner winner = await RunAsync(addresses, port, runners, over.Token)
                .ConfigureAwait(false);
            book.Succeeded(winner.Address);
            runners.Remove(winner);
            return await winner.Task.ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            foreach (Runner loser in runners)
            {
                Discard(loser.Task);
            }
        }
    }

    // Losers stay in the list, to be discarded.
    private async Task<Runner> RunAsync(
        IPAddress[] addresses, int port, List<Runner> runners, CancellationToken cancellationToken)
    {
        List<Task> waits = [];
        for (int begun = 0; ;)
        {
            if (begun < addresses.Length)
            {
                IPAddress address = addresses[begun++];
                runners.Add(new Runner(
                    address, connect(new IPEndPoint(address, port), cancellationToken)));
            }

            waits.Clear();
            waits.AddRange(runners.Select(runner => (Task)runner.Task));
            if (begun < addresses.Length)
            {
                waits.Add(Task.Delay(book.AttemptDelay, time, cancellationToken));
            }

            await Task.WhenAny(waits).ConfigureAwait(false);
            if (runners.Find(runner => runner.Task.IsCompletedSuccessfully) is { } winner)
            {
                CountOvertaken(runners, winner);
                return winner;
            }

            cancellationToken.ThrowIfCancellationRequested();
            await DropFailedAsync(runners, begun == addresses.Length).ConfigureAwait(false);
        }
    }

    // Those that began before the winner had the longer time, and lost.
    private void CountOvertaken(List<Runner> runners, Runner winner)
    {
        foreach (Runner loser in runners.TakeWhile(runner => runner != winner))
        {
            book.Failed(loser.Address);
        }
    }

    private async Task DropFailedAsync(List<Runner> runners, bool isLastChance)
    {
        foreach (Runner failed in runners.FindAll(runner => runner.Task.IsCompleted))
        {
            book.Failed(failed.Address);
            if (isLastChance && runners.Count == 1)
            {
                await failed.Task.ConfigureAwait(false);
            }

            runners.Remove(failed);
            Discard(failed.Task);
        }
    }

    private static void Discard(Task<Stream> task) =>
        _ = task.ContinueWith(
            static ended =>
            {
                if (ended.IsCompletedSuccessfully)
                {
                    ended.Result.Dispose();
                }
                else
                {
                    // Looked at, so that it is not reported as unobserved.
                    _ = ended.Exception;
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private static async Task<Stream> ConnectSocketAsync(
        IPEndPoint address, CancellationToken cancellationToken)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
        };
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record Runner(IPAddress Address, Task<Stream> Task);
}
