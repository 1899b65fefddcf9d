using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Mounting;
using VMSeed.Fuse.Serving;

namespace VMSeed.Fuse;

/// <summary>A mounted directory of files, served by this process.</summary>
public sealed class FuseMount : IAsyncDisposable
{
    /// <summary>How long a file may take to give up its cancelled reads, and the kernel to end the
    /// threads,
    /// before disposal goes on without them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly FuseMountOptions _options;
    private readonly ILogger _logger;
    private readonly Mounter _mounter;
    private readonly FuseServer _server;
    private string? _device;
    private int _disposed;

    private FuseMount(
        string mountPoint,
        FuseServer server,
        Mounter mounter,
        FuseMountOptions options,
        ILogger logger)
    {
        MountPoint = mountPoint;
        _server = server;
        _mounter = mounter;
        _options = options;
        _logger = logger;
    }

    /// <summary>The directory, as an absolute path without symbolic links.</summary>
    public string MountPoint { get; }

    /// <summary>Done when the file system has been unmounted, by <see cref="DisposeAsync"/> or from
    /// outside.</summary>
    public Task Completion => _server.Completion;

    /// <summary>Mounts files at a directory.</summary>
    /// <param name="mountPoint">An existing directory. The remainder of a mount whose process has
    /// died is
    /// cleaned away; anything else that is mounted there is refused.</param>
    /// <param name="files">The files of the root directory.</param>
    /// <param name="options">How the mount behaves.</param>
    /// <param name="logger">Where failures of files are told.</param>
    /// <param name="cancellationToken">Gives the mount up.</param>
    /// <returns>The mount, once it can be used.</returns>
    /// <exception cref="FuseMountException">It cannot be mounted; the message says what to
    /// do.</exception>
    public static async Task<FuseMount> MountAsync(
        string mountPoint,
        IReadOnlyList<FuseFile> files,
        FuseMountOptions options,
        ILogger logger,
        CancellationToken cancellationToken = default)
    {
        options.Validate();
        if (!OperatingSystem.IsLinux())
        {
            throw new FuseMountException("FUSE is spoken to the Linux kernel only.");
        }

        string resolved = Mounting.MountPoint.Resolve(mountPoint);
        Mounter mounter = Mounter.Choose(options);
        FuseMount mount = new(
            resolved, new FuseServer(files, options, logger), mounter, options, logger);
        try
        {
            await mount.StartAsync(files.All(file => !file.CanWrite), cancellationToken);
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    /// <summary>Unmounts. Reads that are under way are cancelled; a file that is still open
    /// elsewhere can be
    /// read no more.</summary>
    /// <returns>A task that is done when no file is touched any more.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) { return; }

        // First the reads: the kernel waits for each before it unmounts.
        Task idle = _server.StopAsync();
        if (_device is not null && IsOurs())
        {
            await UnmountAsync();
        }

        await WaitAsync(idle, "A file has not given up its reads");
        if (_device is not null)
        {
            await WaitAsync(Completion, "The kernel has not let go of the file system");
        }

        _mounter.Dispose();
    }

    private async Task StartAsync(bool readOnly, CancellationToken cancellationToken)
    {
        while (Mounting.MountPoint.IsStale(MountPoint))
        {
            _logger.LogInformation("Cleaning a dead mount away from {MountPoint}.", MountPoint);
            if (await _mounter.UnmountAsync(MountPoint, lazy: true) is { } why)
            {
                throw new FuseMountException(
                    $"A dead mount at '{MountPoint}' cannot be cleaned away: {why}");
            }
        }

        SafeFileHandle device = await _mounter.MountAsync(MountPoint, readOnly);
        _device = MountTable.Find(MountPoint)?.Device ?? string.Empty;
        _server.Start(device);
        string agreed = await _server.Negotiated.WaitAsync(cancellationToken);
        _logger.LogDebug("Mounted {MountPoint}: {Agreed}.", MountPoint, agreed);
        if (ReadAhead.TrySet(_device, _options.ReadAheadLength) is { } refusal)
        {
            _logger.LogDebug("The kernel's own read-ahead stays: {Why}", refusal);
        }
    }

    /// <summary>Whether the mount is there still, and nothing else has taken its place.</summary>
    private bool IsOurs() => MountTable.Find(MountPoint)?.Device == _device;

    private async Task UnmountAsync()
    {
        if (await _mounter.UnmountAsync(MountPoint, lazy: false) is not { } why) { return; }

        _logger.LogWarning(
            "{MountPoint} is still in use ({Why}). It is taken away now; programs that hold its "
            + "files open get errors.",
            MountPoint,
            why);
        using SafeFileHandle root = Libc.open(MountPoint, Libc.O_PATH | Libc.O_CLOEXEC);
        if (await _mounter.UnmountAsync(MountPoint, lazy: true) is { } stuck)
        {
            _logger.LogError("{MountPoint} cannot be unmounted: {Why}", MountPoint, stuck);
        }

        await Task.Run(() => WakeThreads(root));
    }

    /// <summary>A file system that is detached but in use sends its threads no sign. Each request
    /// ends one
    /// of them, so requests are made until all have left.</summary>
    private unsafe void WakeThreads(SafeFileHandle root)
    {
        byte* room = stackalloc byte[Libc.StatFsRoom];
        _server.Leave();
        while (!Completion.IsCompleted && Libc.fstatfs(root, room) == 0) { }
    }

    private async Task WaitAsync(Task task, string complaint)
    {
        try
        {
            await task.WaitAsync(Patience, _options.TimeProvider);
        }
        catch (TimeoutException)
        {
            _logger.LogWarning("{Complaint} within {Patience}.", complaint, Patience);
        }
    }
}
