using System.Text.Json;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Storage;

// The storage daemon is the disk of the system that runs on it, and must outlive every other
// process of it:
//   * systemd spares processes of root whose argv[0] begins with '@' when it kills all others
//     (systemd.io/ROOT_STORAGE_DAEMONS); it belongs to no unit, so no unit's end ends it;
//   * the kernel never takes it when memory runs out (oom_score_adj);
//   * none of its pages leaves memory, for a page of its program would have to come from a file
//     system which it serves, or through one that waits for it (mlockall), and no allocation of its
//     threads waits for writes to a disk (PR_SET_IO_FLUSHER, inherited from the thread that started
//     it); MCL_ONFAULT, because the runtime reserves far more than it ever touches;
//   * the heap has a limit (the project file), so that it is never the one that fills the memory;
//   * its root is the initramfs, its tree of mounts its own: no change of roots touches it.

/// <summary>The life of the storage daemon.</summary>
internal sealed class StorageLife(StorageOptions options)
{
    private const string NeverTaken = "-1000";

    private readonly ConsoleQueue _console = new(new GuestConsole());
    private readonly TaskCompletionSource _finished =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AttachedImage? _image;
    private string? _failure;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ProcessCalls.LeaveSession();
        ProcessCalls.Name("@vmseed");
        StorageLife life = new(StorageOptions.Parse(arguments));
        life.Harden();
        return await life.ServeAsync();
    }

    private void Harden()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", NeverTaken);
            ProcessCalls.LockMemory();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _console.Say($"the storage daemon runs on less than firm ground: {fault.Message}");
        }
    }

    private async Task<int> ServeAsync()
    {
        await using ControlServer control = new(AnswerAsync);
        using ConsoleLoggers loggers = new(_console, TimeProvider.System);
        try
        {
            SeedImage image = SeedFile.Parse(await File.ReadAllBytesAsync(SeedFile.Path))
                .Find(options.Image);
            _image = await AttachedImage.OpenAsync(image, options, _console, loggers);
        }
        catch (Exception fault)
        {
            _failure = fault.Message;
        }

        // Also after a failure: whoever started this asks for the reason, and then for the end.
        await _finished.Task;
        return _failure is null ? 0 : 1;
    }

    private async Task AnswerAsync(string request, Func<string, Task> send)
    {
        if (request == ControlServer.Status)
        {
            await send(JsonSerializer.Serialize(
                await LookAsync(), StorageJsonContext.Default.StorageStatus));
            return;
        }

        if (request == ControlServer.Finish)
        {
            AttachedImage? ending = Interlocked.Exchange(ref _image, null);
            if (ending is not null) { await ending.DisposeAsync(); }

            await send(ControlServer.Done);
            _finished.TrySetResult();
            return;
        }

        AttachedImage image = _image ?? throw new IOException(_failure ?? "It is not ready yet.");
        if (request == ControlServer.Prefetch)
        {
            await image.PrefetchAsync(send);
        }
        else if (request.StartsWith(ControlServer.BootFiles, StringComparison.Ordinal))
        {
            await image.SaveBootFilesAsync(request[ControlServer.BootFiles.Length..]);
        }
        else
        {
            throw new NotSupportedException($"'{request}' is no request of this daemon.");
        }

        await send(ControlServer.Done);
    }

    private async Task<StorageStatus> LookAsync() => _image is { } image
        ? await image.LookAsync()
        : new StorageStatus
        {
            Phase = _failure is null ? StoragePhase.Opening : StoragePhase.Failed,
            Failure = _failure,
        };
}
