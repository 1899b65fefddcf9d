using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Serving;

/// <summary>Turns exceptions of files into error numbers, and into one log line a kind and
/// minute.</summary>
/// <remarks>A reader that meets a dead server asks again and again; a line for each would bury the
/// first.</remarks>
internal sealed class Failures(ILogger logger, TimeProvider time)
{
    /// <summary>How long the same kind of failure stays silent after it was logged.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Subject, Type Kind), Record> _records = new();

    /// <summary>The error number for a failure; logs it where it is news.</summary>
    public int Explain(string subject, Exception failure)
    {
        if (failure is OperationCanceledException) { return Errno.EINTR; }

        Record record = _records.GetOrAdd((subject, failure.GetType()), static _ => new());
        if (record.IsNews(time, out long silent))
        {
            logger.LogError(
                failure,
                "'{Subject}' failed: {Message} ({Silent} more of this kind before.)",
                subject,
                failure.Message,
                silent);
        }

        return failure is UnauthorizedAccessException ? Errno.EACCES : Errno.EIO;
    }

    private sealed class Record
    {
        private readonly Lock _gate = new();
        private long _logged;
        private bool _known;
        private long _silent;

        public bool IsNews(TimeProvider time, out long silent)
        {
            lock (_gate)
            {
                silent = _silent;
                if (_known && time.GetElapsedTime(_logged) < Silence)
                {
                    _silent++;
                    return false;
                }

                (_known, _logged, _silent) = (true, time.GetTimestamp(), 0);
                return true;
            }
        }
    }
}
