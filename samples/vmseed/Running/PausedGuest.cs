using System.Text.Json;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Running;

/// <summary>Lets a guest go on that was paused because its disk failed, again and again.</summary>
internal sealed class PausedGuest
{
    // A network that is away for a moment; and not so often that a mirror is hammered.
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    private readonly GuestMonitor _monitor;
    private readonly Func<string?> _findReason;
    private readonly CancellationToken _ended;
    private int _waiting;
    private int _told;

    private PausedGuest(
        GuestMonitor monitor, Func<string?> findReason, CancellationToken ended) =>
        (_monitor, _findReason, _ended) = (monitor, findReason, ended);

    /// <summary>Watches a guest.</summary>
    /// <param name="monitor">Tells of failures, and takes the order to go on.</param>
    /// <param name="findReason">Says why the disk failed, where that is known.</param>
    /// <param name="ended">Cancelled when the guest has ended.</param>
    public static void Watch(
        GuestMonitor monitor, Func<string?> findReason, CancellationToken ended)
    {
        PausedGuest watched = new(monitor, findReason, ended);
        monitor.Happened += watched.OnEvent;
    }

    private void OnEvent(string name, JsonElement data)
    {
        // Several requests fail at once: they are one pause.
        if (name == "BLOCK_IO_ERROR" && data.GetProperty("action").GetString() == "stop"
            && Interlocked.Exchange(ref _waiting, 1) == 0)
        {
            _ = GoOnLaterAsync(data.GetProperty("operation").GetString());
        }
    }

    private async Task GoOnLaterAsync(string? operation)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
        {
            string reason = _findReason() is { } known ? $" ({known})" : string.Empty;
            ErrorReport.WriteLine(
                $"a {operation} of the disk failed{reason}: the guest is paused until it "
                + "succeeds.");
        }

        await Task.Delay(_pause, TimeProvider.System, _ended)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref _waiting, 0);
        await _monitor.ContinueAsync();
        await Task.Delay(_pause, TimeProvider.System, _ended)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Volatile.Read(ref _waiting) == 0 && Interlocked.Exchange(ref _told, 0) == 1
            && !_ended.IsCancellationRequested)
        {
            ErrorReport.WriteLine("the guest goes on.");
        }
    }
}
