using Microsoft.Extensions.Logging;
using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Output;

/// <summary>Log lines on the standard error: warnings always, everything when verbose.</summary>
internal static class Loggers
{
    public static ILoggerFactory Create(System.CommandLine.ParseResult line)
    {
        LogLevel least =
            line.GetValue(SharedOptions.Verbose) ? LogLevel.Debug : LogLevel.Warning;
        return LoggerFactory.Create(builder => builder
            .SetMinimumLevel(least)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None) // It throws the same, too.
            .AddFilter("System.Net.Http", LogLevel.Warning)
            .AddProvider(new Provider()));
    }

    private sealed class Provider : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new LineLogger();

        public void Dispose()
        {
        }
    }

    private sealed class LineLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            string level = logLevel switch
            {
                LogLevel.Warning => "warning: ",
                LogLevel.Error or LogLevel.Critical => "error: ",
                _ => string.Empty,
            };
            string fact = exception is null ? string.Empty : $" ({exception.Message})";
            ErrorReport.WriteLine(level + formatter(state, exception) + fact);
        }
    }
}
