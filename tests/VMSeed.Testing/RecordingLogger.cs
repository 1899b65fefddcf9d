using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace VMSeed.Testing;

/// <summary>Keeps what is logged, from any thread; as a provider, for every category.</summary>
public sealed class RecordingLogger<T> : ILogger<T>, ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    /// <summary>All lines, in order.</summary>
    public string[] Messages => [.. _lines.Select(line => line.Text)];

    /// <summary>The lines of level warning.</summary>
    public string[] Warnings => OfLevel(LogLevel.Warning);

    /// <summary>The lines of level error.</summary>
    public string[] Errors => OfLevel(LogLevel.Error);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, exception is null || logLevel < LogLevel.Error
            ? formatter(state, exception)
            : exception.Message));

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose() => GC.SuppressFinalize(this);

    private string[] OfLevel(LogLevel level) =>
        [.. _lines.Where(line => line.Level == level).Select(line => line.Text)];
}
