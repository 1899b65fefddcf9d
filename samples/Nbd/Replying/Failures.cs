using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Replying;

/// <summary>Turns exceptions of exports into the protocol's errors, and into one log line a kind
/// and minute.</summary>
/// <remarks>A client that meets a dead server below asks again and again; a line for each would
/// bury the first. The client hears a sentence, but not the exception's own: that may name files
/// and addresses which are none of its business.</remarks>
internal sealed class Failures(ILogger logger, TimeProvider time)
{
    /// <summary>How long the same kind of failure stays silent after it was logged.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    // errno as .NET hands it on in IOException.HResult on Unix, and what Windows has for it.
    private const int NoSpaceUnix = 28;
    private const int FileTooLargeUnix = 27;
    private const int QuotaUnix = 122;
    private const int DiskFullWindows = unchecked((int)0x80070070);

    private readonly ConcurrentDictionary<(string Export, Type Kind), Record> _records = new();

    /// <summary>The error for a failure; logs it where it is news.</summary>
    public ErrorCode Explain(NbdExport export, Exception failure)
    {
        if (failure is OperationCanceledException) { return ErrorCode.Shutdown; }

        Record record = _records.GetOrAdd((export.Name, failure.GetType()), static _ => new());
        if (record.IsNews(time, out long silent))
        {
            logger.LogError(
                failure,
                "The export '{Export}' failed: {Message} ({Silent} more of this kind before.)",
                export.Name,
                failure.Message,
                silent);
        }

        return CodeOf(failure);
    }

    /// <summary>What a person is told beside the number.</summary>
    public static ReadOnlySpan<byte> TextOf(ErrorCode error) => error switch
    {
        ErrorCode.Permission => "The export is read-only."u8,
        ErrorCode.Invalid => "The request is not valid here: command, flags or range."u8,
        ErrorCode.NoSpace => "There is no space for this."u8,
        ErrorCode.Overflow => "The request is longer than this server takes at once."u8,
        ErrorCode.NotSupported => "Zeroing would be no quicker than writing."u8,
        ErrorCode.Shutdown => "The server is shutting down."u8,
        _ => "The disk has failed; the server's log says why."u8,
    };

    private static ErrorCode CodeOf(Exception failure) => failure switch
    {
        IOException
        {
            HResult: NoSpaceUnix or FileTooLargeUnix or QuotaUnix or DiskFullWindows
        } => ErrorCode.NoSpace,
        UnauthorizedAccessException => ErrorCode.Permission,
        ArgumentOutOfRangeException => ErrorCode.Invalid,
        OutOfMemoryException => ErrorCode.NoMemory,
        _ => ErrorCode.InputOutput,
    };

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
