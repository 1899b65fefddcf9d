using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Protocol.Session;

namespace VMSeed.Fuse.Serving;

/// <summary>FUSE_INIT: what the kernel and this program agree on.</summary>
internal sealed class Negotiation(FuseMountOptions options, bool writable)
{
    private const uint Major = 7;

    /// <summary>The newest minor version that was read for this code (Linux 6.18). A newer kernel
    /// speaks it too.</summary>
    private const uint NewestMinor = 45;

    /// <summary>The oldest with what the replies here rely on; Linux 5.4, of 2019.</summary>
    private const uint OldestMinor = 31;

    /// <summary>What write requests may carry at the least; smaller values are raised by the
    /// kernel.</summary>
    private const uint MinWrite = 4096;

    private const InitFlags Wanted =
        InitFlags.AsyncRead | InitFlags.ExportSupport | InitFlags.BigWrites
        | InitFlags.DoReadDirPlus | InitFlags.ReadDirPlusAuto | InitFlags.AsyncDio
        | InitFlags.ParallelDirOps | InitFlags.MaxPages | InitFlags.ExplicitInvalData;

    private readonly TaskCompletionSource<string> _done =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when both sides agree, with what was agreed on for the log.</summary>
    public Task<string> Completion => _done.Task;

    /// <summary>Answers FUSE_INIT.</summary>
    public int Answer(FuseRequest request)
    {
        if (!request.TryRead(out InitIn offer)) { return -Errno.EPROTO; }

        if (offer.Major > Major)
        {
            return request.Put(new InitOut { Major = Major }); // The kernel asks again.
        }

        if (offer.Major < Major || offer.Minor < OldestMinor)
        {
            _ = _done.TrySetException(new FuseMountException(
                $"The kernel speaks version {offer.Major}.{offer.Minor} of the FUSE protocol; "
                + $"{Major}.{OldestMinor} (Linux 5.4) is the oldest that is spoken here."));
            return -Errno.EPROTO;
        }

        InitOut answer = Agree(offer);
        _ = _done.TrySetResult(
            $"FUSE {answer.Major}.{answer.Minor}, kernel {offer.Major}.{offer.Minor} "
            + $"with {offer.Flags:x}, {answer.Flags:x} agreed");
        return request.Put(in answer);
    }

    /// <summary>Ends the wait for an agreement that will not come.</summary>
    public void Fail(Exception failure) => _done.TrySetException(failure);

    private InitOut Agree(in InitIn offer) => new()
    {
        Major = Major,
        Minor = Math.Min(offer.Minor, NewestMinor),
        MaxReadAhead = (uint)options.ReadAheadLength,
        Flags = offer.Flags & Wanted,
        MaxBackground = (ushort)options.RequestsInFlight,
        CongestionThreshold = (ushort)Math.Max(1, options.RequestsInFlight * 3 / 4),
        MaxWrite = writable ? (uint)options.TransferLength : MinWrite,
        TimeGranularity = 1,
        MaxPages = (ushort)Math.Max(1, options.TransferLength / Environment.SystemPageSize),
    };
}
