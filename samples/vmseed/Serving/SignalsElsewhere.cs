using Microsoft.Extensions.Hosting;

namespace VMSeed.Tool.Serving;

/// <summary>Keeps the host from taking Ctrl-C for itself: the whole tool has one place for
/// it.</summary>
internal sealed class SignalsElsewhere : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
