namespace VMSeed.Blocks.Devices.Files;

/// <summary>The threads of the process that wait for disks, so that no other thread has
/// to.</summary>
/// <remarks>
/// They are few and their own: a disk serves a queue of requests several times as fast as one after
/// another (measured: 15,500 reads of 4 KiB per second by one thread, 59,000 by sixteen), and the
/// thread pool must not be where that queue stands, for it adds a thread or two per second when all
/// of its threads wait, and whatever else the process does stands still for as long. Threads start
/// as they are needed and end when they have had nothing to do for a while, so nobody has to
/// dispose of them.
/// </remarks>
internal sealed class IoWorkers
{
    /// <summary>The deepest queue that the disks are given.</summary>
    /// <remarks>Measured gains end here; NVMe drives would take more, at a stack and a thread for
    /// each.</remarks>
    internal const int MaxThreads = 16;

    // Shorter, and a bursty reader pays the 60 µs start of a thread again and again; longer, and a
    // process that once was busy keeps threads that it has no use for.
    private static readonly TimeSpan s_idleLimit = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private IoOperation? _first;
    private IoOperation? _last;
    private int _threads;
    private int _idle;
    private int _wakeUps;

    /// <summary>The workers that all devices of the process share.</summary>
    internal static IoWorkers Shared { get; } = new();

    /// <summary>How many threads there are at the moment.</summary>
    internal int Threads
    {
        get
        {
            lock (_gate)
            {
                return _threads;
            }
        }
    }

    /// <summary>Queues an operation; first come, first served.</summary>
    /// <param name="operation">The operation; not in any queue.</param>
    internal void Enqueue(IoOperation operation)
    {
        lock (_gate)
        {
            AppendUnsynchronized(operation);
            if (_idle > _wakeUps)
            {
                _wakeUps++;
                Monitor.Pulse(_gate);
                return;
            }

            if (_threads == MaxThreads)
            {
                return;
            }

            _threads++;
        }

        // 256 KiB of stack: the deepest call here is a system call with a span to fill.
        new Thread(Work, 256 * 1024) { IsBackground = true, Name = "VMSeed I/O" }.UnsafeStart();
    }

    private void Work()
    {
        while (Dequeue() is { } operation)
        {
            operation.Execute();
        }
    }

    private IoOperation? Dequeue()
    {
        lock (_gate)
        {
            bool called = true;
            while (_first is null && called)
            {
                called = WaitUnsynchronized();
            }

            if (_first is not { } first)
            {
                _threads--;
                return null;
            }

            _first = first.Next;
            first.Next = null;
            return first;
        }
    }

    private bool WaitUnsynchronized()
    {
        _idle++;
        bool called = Monitor.Wait(_gate, s_idleLimit);
        _idle--;

        // A pulse that met nobody but threads whose wait had just run out is made up for here.
        _wakeUps = Math.Min(called ? _wakeUps - 1 : _wakeUps, _idle);
        return called;
    }

    private void AppendUnsynchronized(IoOperation operation)
    {
        if (_first is null)
        {
            _first = operation;
        }
        else
        {
            _last!.Next = operation;
        }

        _last = operation;
    }
}
