using System.Net.Sockets;

namespace VMSeed.Nbd.Serving;

/// <summary>The connections of a server, and how they end together.</summary>
internal sealed class ConnectionGroup(ConnectionHost host)
{
    /// <summary>How long connections may take to fall apart once their sockets are dead: they have
    /// nothing to wait for but an export that does not come back.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<Connection> _members = [];

    public int Count
    {
        get { lock (_gate) { return _members.Count; } }
    }

    /// <summary>Serves one more client.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryAdd(Socket socket)
    {
        Connection connection;
        lock (_gate)
        {
            if (_members.Count >= host.Options.MaxConnections) { return false; }

            connection = new Connection(host, socket, Remove);
            _ = _members.Add(connection);
        }

        connection.Start();
        return true;
    }

    /// <summary>Waits until all that are connected now have gone.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_members.Select(connection => connection.Completion));
        }
    }

    /// <summary>Ends all connections: gently at first, then without asking.</summary>
    /// <returns>Whether all have ended.</returns>
    public async ValueTask<bool> StopAsync(NbdServerOptions options)
    {
        Connection[] members;
        lock (_gate) { members = [.. _members]; }

        foreach (Connection connection in members) { connection.StopReceiving(); }

        Task all = Task.WhenAll(members.Select(connection => connection.Completion));
        if (await EndsAsync(all, options.StopTimeout, options.TimeProvider).ConfigureAwait(false))
        {
            return true;
        }

        foreach (Connection connection in members) { connection.Abort(); }

        return await EndsAsync(all, LastWait, options.TimeProvider).ConfigureAwait(false);
    }

    private static async ValueTask<bool> EndsAsync(
        Task task, TimeSpan patience, TimeProvider time)
    {
        await task.WaitAsync(patience, time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }

    private void Remove(Connection connection)
    {
        lock (_gate) { _ = _members.Remove(connection); }
    }
}
