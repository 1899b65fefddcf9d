using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Serving;

/// <summary>The threads that take requests from /dev/fuse.</summary>
/// <remarks>
/// Each reads from a descriptor of its own where the kernel lets it be cloned, which spares the
/// threads a
/// lock inside the kernel; else they share one. A thread ends when read(2) says that the file
/// system is
/// unmounted, and also with the first request after <see cref="StopAsync"/>.
/// </remarks>
internal sealed class FuseServer
{
    private const string DevicePath = "/dev/fuse";

    private readonly List<SafeFileHandle> _devices = [];
    private readonly ILogger _logger;
    private readonly RequestPool _pool;
    private readonly Negotiation _negotiation;
    private readonly Dispatcher _dispatcher;
    private readonly TaskCompletionSource _ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private volatile bool _leaving;

    public FuseServer(
        IReadOnlyList<FuseFile> files, FuseMountOptions options, ILogger logger)
    {
        _logger = logger;
        RootDirectory root = new(files, options.TimeProvider.GetUtcNow());
        _pool = new RequestPool(options.TransferLength, options.RequestsInFlight);
        _negotiation = new Negotiation(options, root.CanWrite);
        _dispatcher = new Dispatcher(
            root, _negotiation, _pool, new Failures(logger, options.TimeProvider), logger);
        _running = options.ReaderThreads;
    }

    /// <summary>Done when the kernel and the server agree on a protocol version.</summary>
    public Task<string> Negotiated => _negotiation.Completion;

    /// <summary>Done when the last thread has ended.</summary>
    public Task Completion => _ended.Task;

    /// <summary>Starts the threads. The server owns the descriptor from here on.</summary>
    public void Start(SafeFileHandle device)
    {
        int threads = _running;
        for (int i = 0; i < threads; i++)
        {
            SafeFileHandle own = i == 0 ? device : Clone(device) ?? device;
            _devices.Add(own);
            new Thread(() => Serve(own)) { IsBackground = true, Name = $"fuse {i}" }.Start();
        }
    }

    /// <summary>Cancels what is pending and refuses further reads; metadata is still
    /// answered.</summary>
    public Task StopAsync() => _dispatcher.StopAsync();

    /// <summary>Lets each thread end after its next request.</summary>
    public void Leave() => _leaving = true;

    private static unsafe SafeFileHandle? Clone(SafeFileHandle device)
    {
        SafeFileHandle clone = Libc.open(DevicePath, Libc.O_RDWR | Libc.O_CLOEXEC);
        int number = (int)device.DangerousGetHandle();
        if (!clone.IsInvalid && Libc.ioctl(clone, Libc.FUSE_DEV_IOC_CLONE, &number) == 0)
        {
            return clone;
        }

        clone.Dispose();
        return null;
    }

    private void Serve(SafeFileHandle device)
    {
        try
        {
            ServeRequests(device);
        }
        catch (Exception failure)
        {
            _logger.LogCritical(failure, "A thread of the FUSE server has failed.");
        }

        if (Interlocked.Decrement(ref _running) == 0) { End(); }
    }

    private void ServeRequests(SafeFileHandle device)
    {
        FuseRequest request = _pool.Create();
        FuseRequest? spare = null;
        while (!_leaving && TryReceive(request, device))
        {
            if (Dispatcher.MayWait(request) && spare is null
                && !_pool.TakeOrQueue(request, out spare))
            {
                continue;
            }

            if (!_dispatcher.Start(request))
            {
                request = spare!;
                spare = null;
            }
        }
    }

    private bool TryReceive(FuseRequest request, SafeFileHandle device)
    {
        while (true)
        {
            int error = request.Receive(device);
            switch (error)
            {
                case 0:
                    return true;
                case Errno.ENODEV:
                    return false;
                case Errno.EINTR or Errno.EAGAIN:
                case Errno.ENOENT: // The request was interrupted before it was read.
                    break;
                case Errno.EPROTO:
                    _logger.LogError("A request with a false length was dropped.");
                    break;
                default:
                    _logger.LogError(
                        "Reading from /dev/fuse failed: {Error}.",
                        Marshal.GetPInvokeErrorMessage(error));
                    return false;
            }
        }
    }

    private void End()
    {
        _negotiation.Fail(new FuseMountException("The file system was unmounted at once."));
        _ = _negotiation.Completion.Exception; // Observed: nobody may wait for it by now.
        foreach (SafeFileHandle device in _devices) { device.Dispose(); }

        _ = _ended.TrySetResult();
    }
}
