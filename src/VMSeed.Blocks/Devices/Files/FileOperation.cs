using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>One call of a <see cref="BlockingFile"/> on a worker, awaited by its caller and used
/// again after.</summary>
/// <remarks>
/// A token is looked at when a worker takes the operation up, not later: a transfer that the system
/// has begun cannot be called back, and while it runs the caller's buffer must stay the transfer's.
/// Continuations run on the thread pool, for the workers are too few to run other people's code.
/// </remarks>
internal sealed class FileOperation : IoOperation, IValueTaskSource, IValueTaskSource<Extent>
{
    // As many as can be at work at once, and as many again between two uses; the rest is collected.
    private const int PoolLimit = 2 * IoWorkers.MaxThreads;

    private static readonly Lock s_gate = new();
    private static FileOperation? s_pool;
    private static int s_pooled;

    private ManualResetValueTaskSourceCore<Extent> _core = new()
    {
        RunContinuationsAsynchronously = true,
    };

    private FileTask _task;
    private BlockingFile? _file;
    private long _offset;
    private long _length;
    private Memory<byte> _memory;
    private CancellationToken _cancellation;

    private FileOperation()
    {
    }

    internal static ValueTask Read(
        BlockingFile file, long offset, Memory<byte> buffer, CancellationToken token) =>
        Start(FileTask.Read, file, offset, buffer.Length, buffer, token);

    // The memory of a write is only read; one field for both keeps the operation small.
    internal static ValueTask Write(
        BlockingFile file, long offset, ReadOnlyMemory<byte> data, CancellationToken token) =>
        Start(
            FileTask.Write, file, offset, data.Length, MemoryMarshal.AsMemory(data), token);

    internal static ValueTask Run(
        FileTask task, BlockingFile file, long offset, long length, CancellationToken token) =>
        Start(task, file, offset, length, default, token);

    internal static ValueTask<Extent> Map(
        BlockingFile file, long offset, long length, CancellationToken token)
    {
        FileOperation operation = Rent();
        short version = operation.Begin(FileTask.Map, file, offset, length, default, token);
        return new ValueTask<Extent>(operation, version);
    }

    internal override void Execute()
    {
        try
        {
            _cancellation.ThrowIfCancellationRequested();
            _core.SetResult(Perform());
        }
#pragma warning disable CA1031 // Not swallowed: whoever awaits the operation gets it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _core.SetException(failure);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public Extent GetResult(short token)
    {
        // A second await of one task ends here, before it could give away what another has rented.
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The operation has not ended yet; await it.");
        }

        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Return();
        }
    }

    private static ValueTask Start(
        FileTask task,
        BlockingFile file,
        long offset,
        long length,
        Memory<byte> memory,
        CancellationToken token)
    {
        FileOperation operation = Rent();
        short version = operation.Begin(task, file, offset, length, memory, token);
        return new ValueTask(operation, version);
    }

    private static FileOperation Rent()
    {
        lock (s_gate)
        {
            if (s_pool is not { } rented)
            {
                return new FileOperation();
            }

            s_pool = (FileOperation?)rented.Next;
            s_pooled--;
            rented.Next = null;
            return rented;
        }
    }

    private short Begin(
        FileTask task,
        BlockingFile file,
        long offset,
        long length,
        Memory<byte> memory,
        CancellationToken token)
    {
        (_task, _file, _offset, _length) = (task, file, offset, length);
        (_memory, _cancellation) = (memory, token);
        short version = _core.Version;
        IoWorkers.Shared.Enqueue(this);
        return version;
    }

    private Extent Perform()
    {
        BlockingFile file = _file!;
        switch (_task)
        {
            case FileTask.Read:
                file.Read(_offset, _memory.Span);
                break;
            case FileTask.Write:
                file.Write(_offset, _memory.Span);
                break;
            case FileTask.Zero:
                file.Zero(_offset, _length);
                break;
            case FileTask.Trim:
                file.Trim(_offset, _length);
                break;
            case FileTask.Flush:
                file.Flush();
                break;
            case FileTask.SetLength:
                file.SetLength(_length);
                break;
            case FileTask.Map:
                return file.Map(_offset, _length);
            default:
                throw new InvalidOperationException($"{_task} is no work.");
        }

        return default;
    }

    private void Return()
    {
        _core.Reset();
        (_task, _file, _memory, _cancellation) = (FileTask.None, null, default, default);
        lock (s_gate)
        {
            if (s_pooled < PoolLimit)
            {
                Next = s_pool;
                s_pool = this;
                s_pooled++;
            }
        }
    }
}
