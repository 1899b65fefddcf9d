using System.Runtime.InteropServices;

namespace VMSeed.Tool.Running;

/// <summary>Ctrl-C, and what is like it: the first asks, the second does.</summary>
internal sealed class GuestSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations;
    private readonly TaskCompletionSource _first = new();
    private readonly TaskCompletionSource _second = new();

    public GuestSignals() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, OnSignal)),
    ];

    public Task First => _first.Task;

    public Task Second => _second.Task;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_first.TrySetResult())
        {
            _second.TrySetResult();
        }
    }
}
