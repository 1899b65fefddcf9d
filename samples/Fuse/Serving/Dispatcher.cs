using Microsoft.Extensions.Logging;
using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Protocol;
using VMSeed.Fuse.Protocol.Messages;

namespace VMSeed.Fuse.Serving;

/// <summary>Answers requests, now or when their file has answered.</summary>
/// <remarks>
/// A handler's result is what the wire says: the length of the payload that it has put into the
/// request's
/// buffer, or a negative error number. Handlers of metadata answer at once. Those of files return a
/// task; one
/// that is done already is answered by the same thread, without an allocation.
/// </remarks>
internal sealed class Dispatcher(
    RootDirectory root,
    Negotiation negotiation,
    RequestPool pool,
    Failures failures,
    ILogger logger)
{
    /// <summary>The result of a request that the kernel wants no reply to.</summary>
    private const int NoReply = int.MinValue;

    private readonly PendingRequests _pending = new();
    private volatile bool _stopping;

    /// <summary>Whether a request may have to wait for its file, and so may keep its
    /// buffer.</summary>
    public static bool MayWait(FuseRequest request) => request.Header.Opcode
        is Opcode.Read or Opcode.Write or Opcode.Fsync or Opcode.Lseek or Opcode.FAllocate;

    /// <summary>Answers a request.</summary>
    /// <returns>True when the buffer is free again; false when it comes back to the pool
    /// later.</returns>
    public bool Start(FuseRequest request)
    {
        if (!MayWait(request))
        {
            Reply(request, AnswerSafely(request));
            return true;
        }

        if (_stopping || !root.TryFile(request.Header.Node, out FuseFile file))
        {
            Reply(request, _stopping ? -Errno.EIO : -Errno.ENOENT);
            return true;
        }

        ValueTask<int> work = StartOnFileAsync(request, file);
        if (work.IsCompleted)
        {
            _ = FinishAsync(request, file, work);
            return true;
        }

        _pending.Add(request);
        _ = FinishLaterAsync(request, file, work);
        return false;
    }

    /// <summary>Refuses what comes from now on, and cancels what is pending.</summary>
    /// <returns>A task that is done when no file is at work any more.</returns>
    public Task StopAsync()
    {
        _stopping = true;
        return _pending.StopAsync();
    }

    private int AnswerSafely(FuseRequest request)
    {
        try
        {
            return Answer(request);
        }
        catch (Exception failure)
        {
            // A file's Length may fail as well as its bytes; the thread must go on.
            return -failures.Explain(request.Header.Opcode.ToString(), failure);
        }
    }

    private int Answer(FuseRequest request) => request.Header.Opcode switch
    {
        Opcode.Init => negotiation.Answer(request),
        Opcode.Lookup => root.Lookup(request),
        Opcode.GetAttr => root.GetAttributes(request),
        Opcode.StatFs => root.StatFs(request),
        Opcode.Open => Open(request),
        Opcode.OpenDir => request.Put(
            new OpenOut(0, OpenReplyFlags.KeepCache | OpenReplyFlags.CacheDir, 0)),
        Opcode.ReadDir => ReadDirectory(request, withAttributes: false),
        Opcode.ReadDirPlus => ReadDirectory(request, withAttributes: true),
        Opcode.Release or Opcode.ReleaseDir or Opcode.FsyncDir or Opcode.Destroy => 0,
        Opcode.Forget or Opcode.BatchForget => NoReply,
        Opcode.Interrupt => Interrupt(request),
        _ => -Errno.ENOSYS, // The kernel asks for most of these once, and never again.
    };

    private int Open(FuseRequest request)
    {
        const uint accessMode = 3; // O_ACCMODE; 0 is O_RDONLY.
        if (!request.TryRead(out OpenIn body)) { return -Errno.EINVAL; }

        if (!root.TryFile(request.Header.Node, out FuseFile file)) { return -Errno.ENOENT; }

        return (body.Flags & accessMode) != 0 && !file.CanWrite
            ? -Errno.EROFS
            : request.Put(new OpenOut(
                0, file.IsVolatile ? OpenReplyFlags.DirectIo : OpenReplyFlags.KeepCache, 0));
    }

    private int ReadDirectory(FuseRequest request, bool withAttributes) =>
        request.TryRead(out ReadIn body)
            ? root.Read(request, in body, withAttributes)
            : -Errno.EINVAL;

    private int Interrupt(FuseRequest request)
    {
        if (!request.TryRead(out InterruptIn body)) { return NoReply; }

        if (pool.TryRemove(body.Unique, out WaitingRequest? waiting))
        {
            _ = request.Reply(waiting.Device, waiting.Unique, -Errno.EINTR);
        }
        else
        {
            _pending.Interrupt(body.Unique);
        }

        return NoReply;
    }

    private static ValueTask<int> StartOnFileAsync(FuseRequest request, FuseFile file) =>
        request.Header.Opcode switch
        {
            Opcode.Read => FileOperations.ReadAsync(request, file),
            Opcode.Write => FileOperations.WriteAsync(request, file),
            Opcode.Lseek => FileOperations.SeekAsync(request, file),
            Opcode.FAllocate => FileOperations.ZeroAsync(request, file),
            _ => FileOperations.FlushAsync(request, file),
        };

    private async Task FinishAsync(FuseRequest request, FuseFile file, ValueTask<int> work)
    {
        int result;
        try
        {
            result = await work;
        }
        catch (Exception failure)
        {
            result = -failures.Explain(file.Name, failure);
        }

        Reply(request, result);
    }

    private async Task FinishLaterAsync(FuseRequest request, FuseFile file, ValueTask<int> work)
    {
        await FinishAsync(request, file, work);
        do
        {
            _pending.Remove(request);
        }
        while (pool.ReturnOrLoad(request) && Start(request));
    }

    private void Reply(FuseRequest request, int result)
    {
        if (result == NoReply) { return; }

        int error = request.Reply(result);
        if (error is 0 or Errno.ENOENT or Errno.ENODEV) { return; } // Aborted, or unmounted.

        logger.LogError(
            "The kernel took no reply to {Opcode}: error {Error}.", request.Header.Opcode, error);
        if (result > 0) { _ = request.Reply(-Errno.EIO); } // Or the asker would wait for ever.
    }
}
