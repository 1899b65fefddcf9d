using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Replying;

// Replies come from three sides. The connection's own thread sends its batch itself. Whoever ends a
// read or write later is a thread of the pool, or of a device, and must not be held by a client
// that takes nothing: it sends a short reply itself when the wire is free and has room, which saves
// a way to another thread, and leaves all else to the sender's thread, which starts with the first
// reply that it gets. No reply overtakes one that was handed over before it, for the last chunk of
// a reply has to come last.

/// <summary>Puts replies on the wire, in the order in which they are handed over.</summary>
internal sealed class ReplySender
{
    /// <summary>What goes out at once from any thread, and what is gathered into one call: a page
    /// and its header. A socket that has room at all has room for that.</summary>
    private const int ShortReply = 8 * 1024;

    /// <summary>How much is gathered: a full queue of a guest's small reads.</summary>
    private const int GatherLength = 64 * 1024;

    private readonly Wire _wire;
    private readonly Budget _budget;
    private readonly string _name;
    private readonly Lock _sending = new();
    private readonly Queue<Outgoing> _queue = new();
    private readonly List<Outgoing> _taken = [];
    private byte[] _gathered = [];
    private Thread? _thread;
    private bool _delivering;
    private bool _ended;
    private bool _broken;

    public ReplySender(Wire wire, Budget budget, string name)
    {
        _wire = wire;
        _budget = budget;
        _name = name;
    }

    /// <summary>Sends on the calling thread, which waits for the client.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_sending) { _wire.Send(bytes); }
    }

    /// <summary>Hands a reply over, with its buffer; does not wait for the client.</summary>
    public void Post(in Outgoing reply)
    {
        if (TryEnqueue(reply)) { return; }

        // The wire is ours, and nobody is before us.
        try
        {
            Deliver(reply.Bytes);
        }
        finally
        {
            _sending.Exit();
        }

        Settle(reply);
    }

    /// <summary>Sends what has been handed over, and ends the thread.</summary>
    public void End()
    {
        Thread? thread;
        lock (_queue)
        {
            _ended = true;
            thread = _thread;
            Monitor.Pulse(_queue);
        }

        thread?.Join();
    }

    /// <summary>Leaves a reply to the thread.</summary>
    /// <returns>False when it can be sent now; <see cref="_sending"/> is then held.</returns>
    private bool TryEnqueue(in Outgoing reply)
    {
        lock (_queue)
        {
            if (_queue.Count == 0 && !_delivering && reply.Count <= ShortReply
                && _sending.TryEnter())
            {
                if (_wire.CanSend) { return false; }

                _sending.Exit();
            }

            if (_ended)
            {
                // Nobody waited for it to come so late.
                Settle(reply);
                return true;
            }

            _queue.Enqueue(reply);
            if (_thread is null)
            {
                _gathered = new byte[GatherLength];
                _thread = new Thread(Run) { IsBackground = true, Name = $"{_name} replies" };
                _thread.Start();
            }

            Monitor.Pulse(_queue);
            return true;
        }
    }

    private void Settle(in Outgoing reply)
    {
        reply.Release();
        if (reply.Cost >= 0) { _budget.Exit(reply.Cost); }
    }

    private void Run()
    {
        while (TryTake())
        {
            lock (_sending) { Deliver(Gather()); }

            foreach (Outgoing reply in _taken) { Settle(reply); }
        }
    }

    /// <summary>Takes the next reply, and those behind it that fit into one call with it.</summary>
    private bool TryTake()
    {
        lock (_queue)
        {
            _taken.Clear();
            _delivering = false;
            while (_queue.Count == 0)
            {
                if (_ended) { return false; }

                _ = Monitor.Wait(_queue);
            }

            int count = 0;
            while (_queue.TryPeek(out Outgoing next)
                && (_taken.Count == 0 || count + next.Count <= GatherLength))
            {
                _taken.Add(_queue.Dequeue());
                count += next.Count;
            }

            return _delivering = true;
        }
    }

    private ReadOnlySpan<byte> Gather()
    {
        if (_taken.Count == 1) { return _taken[0].Bytes; }

        int count = 0;
        foreach (Outgoing reply in _taken)
        {
            reply.Bytes.CopyTo(_gathered.AsSpan(count));
            count += reply.Count;
        }

        return _gathered.AsSpan(0, count);
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        if (_broken) { return; }

        try
        {
            _wire.Send(bytes);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The thread that receives learns of it by this, and ends the connection.
            _broken = true;
            _wire.Abort();
        }
    }
}
