using Microsoft.Extensions.Logging;

namespace VMSeed.Guest.Storage;

/// <summary>Log lines on the consoles: warnings and errors, each kind once in a while.</summary>
/// <remarks>A mirror that comes and goes would fill the screen.</remarks>
internal sealed class ConsoleLoggers(ConsoleQueue console, TimeProvider time) : ILoggerFactory
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _told = [];

    public ILogger CreateLogger(string categoryName) => new Line(this);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private void Tell(string fact)
    {
        lock (_gate)
        {
            if (_told.TryGetValue(fact, out long last) && time.GetElapsedTime(last) < s_pause)
            {
                return;
            }

            // Facts name blocks and addresses: there is no end of them.
            if (_told.Count > 100) { _told.Clear(); }

            _told[fact] = time.GetTimestamp();
        }

        console.Say(fact);
    }

    private sealed class Line(ConsoleLoggers loggers) : ILogger
    {
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
            if (IsEnabled(logLevel))
            {
                string why = exception is null ? "" : $" ({exception.Message})";
                loggers.Tell(formatter(state, exception) + why);
            }
        }
    }
}
