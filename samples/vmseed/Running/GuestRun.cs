using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Running;

/// <summary>A guest from power-on to power-off.</summary>
internal static class GuestRun
{
    // What QEMU does at its end is quick, but for a flush of its disk.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    /// <param name="qemu">The program.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="monitor">Where it is listened for.</param>
    /// <param name="findReason">Says why its disk failed.</param>
    /// <returns>QEMU's exit code; of a guest that was ended, what shells call that.</returns>
    public static async Task<int> ToEndAsync(
        string qemu,
        IReadOnlyList<string> arguments,
        string monitor,
        Func<string?> findReason)
    {
        using GuestSignals signals = new();
        using GuestMonitor orders = new(monitor);
        using CancellationTokenSource ended = new();
        PausedGuest.Watch(orders, findReason, ended.Token);
        Task listening = orders.ListenAsync(ended.Token);
        using GuestProcess guest = await GuestProcess.StartAsync(qemu, arguments);
        int code = await WaitAsync(guest, orders, signals);
        await ended.CancelAsync();
        await listening;
        return code;
    }

    private static async Task<int> WaitAsync(
        GuestProcess guest, GuestMonitor orders, GuestSignals signals)
    {
        await Task.WhenAny(guest.Completion, signals.First);
        if (!guest.Completion.IsCompleted)
        {
            ErrorReport.WriteLine("the guest is asked to power down.");
            // Not waited for: a QEMU that hangs does not take orders, and the second signal shall.
            _ = orders.PowerDownAsync();
            await Task.WhenAny(guest.Completion, signals.Second);
            if (!guest.Completion.IsCompleted)
            {
                await EndAsync(guest, orders);
                return ExitCode.Interrupted;
            }
        }

        return await guest.Completion;
    }

    // By an order first: of its own accord QEMU gives the terminal back as it was.
    private static async Task EndAsync(GuestProcess guest, GuestMonitor orders)
    {
        _ = orders.QuitAsync();
        await Task.WhenAny(guest.Completion, Task.Delay(_patience, TimeProvider.System));
        if (!guest.Completion.IsCompleted)
        {
            await guest.KillAsync();
        }
    }
}
