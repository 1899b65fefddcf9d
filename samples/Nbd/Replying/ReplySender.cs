using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Replying;

/// <summary>Puts replies on the wire: those of the connection's own thread at once, those that
/// others finish from a thread of its own, which starts with the first of them.</summary>
/// <remarks>Whoever finishes a read is a thread of the pool, or of a device. A client that takes no
/// replies must not hold it.</remarks>
internal sealed class ReplySender
{
    private readonly Wire _wire;
    private readonly Budget _budget;
    private readonly string _name;
    private readonly Lock _sending = new();
    private readonly Queue<Outgoing> _queue = new();
    private Thread? _thread;
    private bool _ended;
    private bool _broken;

    public ReplySender(Wire wire, Budget budget, string name)
    {
        _wire = wire;
        _budget = budget;
        _name = name;
    }

    /// <summary>Sends on the calling thread.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_sending) { _wire.Send(bytes); }
    }

    /// <summary>Hands a reply over, with its buffer.</summary>
    public void Post(in Outgoing reply)
    {
        lock (_queue)
        {
            if (_ended)
            {
                // Nobody waited for it to come so late.
                Settle(reply);
                return;
            }

            _queue.Enqueue(reply);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = $"{_name} replies" };
                _thread.Start();
            }

            Monitor.Pulse(_queue);
        }
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

    private void Run()
    {
        while (TryTake(out Outgoing reply))
        {
            Deliver(reply.Bytes);
            Settle(reply);
        }
    }

    private void Settle(in Outgoing reply)
    {
        reply.Release();
        if (reply.Cost >= 0) { _budget.Exit(reply.Cost); }
    }

    private bool TryTake(out Outgoing reply)
    {
        lock (_queue)
        {
            while (!_queue.TryDequeue(out reply))
            {
                if (_ended) { return false; }

                _ = Monitor.Wait(_queue);
            }

            return true;
        }
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        if (_broken) { return; }

        try
        {
            Send(bytes);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The thread that receives learns of it by this, and ends the connection.
            _broken = true;
            _wire.Abort();
        }
    }
}
