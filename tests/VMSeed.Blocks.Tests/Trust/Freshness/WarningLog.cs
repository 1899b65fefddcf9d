using Microsoft.Extensions.Logging;

namespace VMSeed.Blocks.Tests.Trust.Freshness;

/// <summary>Keeps what was warned of.</summary>
internal sealed class WarningLog : ILogger
{
    public List<string> Warnings { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (Warnings)
        {
            Warnings.Add(formatter(state, exception));
        }
    }
}
