using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Trust.Freshness;

// A signature says who wrote a head and nothing about when; an old head is signed as well as the
// newest. What makes an old one recognizable is memory: of the highest version that was accepted,
// and of the latest time that was seen. Both are made durable before the head is used.
//
// When the memory cannot be had, the choice is between an image that no longer opens and a window
// in which an old version passes. A damaged file counts as lost, with a warning, and so does a
// folder that cannot be written: an attacker who can bring that about can delete the file as well,
// so refusing would protect nobody, and the replacement by rename leaves no damage of its own after
// a crash.

/// <summary>Remembers what was accepted for one request, and refuses what is older.</summary>
/// <remarks>
/// Touches the disk in the calling thread: two fsyncs, once for each opening of an image.
/// </remarks>
internal sealed class HeadMemory
{
    /// <summary>
    /// How old the remembered time may grow before an unchanged head is written again. It is the
    /// precision of that time; a shorter span costs two fsyncs at more openings.
    /// </summary>
    private static readonly TimeSpan _timeStep = TimeSpan.FromHours(1);

    private readonly TrustPolicy _policy;
    private readonly HeadRequest _request;
    private readonly HeadStore? _store;
    private readonly TimeProvider _time;
    private readonly DiskLog _log;
    private readonly Lock _sync = new();
    private AcceptedHead? _accepted;
    private bool _warned;

    /// <summary>Takes up the memory of a request.</summary>
    /// <param name="folder">Where it is kept; null for memory that ends with the object.</param>
    /// <param name="policy">
    /// Whose heads are believed: each set of keys has a memory of its own.
    /// </param>
    /// <param name="request">What the user asked for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what is lost, and what is used although it expired.</param>
    public HeadMemory(
        string? folder,
        TrustPolicy policy,
        HeadRequest request,
        TimeProvider time,
        ILogger logger)
    {
        _policy = policy;
        _request = request;
        _store = folder is null ? null : new HeadStore(folder, policy, request, time);
        _time = time;
        _log = new DiskLog(logger);
    }

    /// <summary>
    /// The head to use when no server gives one, its signature verified again; expired or not, for
    /// it was accepted in time.
    /// </summary>
    /// <returns>The head; null when none was accepted before.</returns>
    /// <exception cref="BlockIOException">
    /// Refused: the remembered file is not signed as it was.
    /// </exception>
    public AcceptedHead? Recall()
    {
        AcceptedHead? head;
        lock (_sync)
        {
            head = Newer(Load());
        }

        if (head is null)
        {
            return null;
        }

        _policy.Verify(SignedText.Split(head.File, _store?.Path ?? _request.ToString()));
        if (_request.Version is null && head.Facts.Expires is DateTimeOffset expires
            && expires <= Now(head))
        {
            _log.UsingExpired(_request.ToString(), head.Facts.Version, expires);
        }

        return head;
    }

    /// <summary>Whether a head, whose signature the caller has verified, would be accepted; nothing
    /// is remembered, and nothing is read from the disk.</summary>
    /// <param name="facts">The head.</param>
    /// <param name="before">What <see cref="Recall"/> returned.</param>
    /// <returns>False where it is genuine and not good enough: older, mostly.</returns>
    public bool WouldAccept(HeadFacts facts, AcceptedHead? before) =>
        HeadRules.FindFault(facts, _request, before?.Facts, Now(before)) is null;

    /// <summary>
    /// Accepts a fetched head, whose signature the caller has verified, and remembers it.
    /// </summary>
    /// <param name="facts">The head.</param>
    /// <param name="file">The signed file that it came in; copied.</param>
    /// <param name="source">The address, for messages.</param>
    /// <param name="cancellationToken">Gives up waiting for another process.</param>
    /// <exception cref="BlockIOException">Refused: see <see cref="HeadRules"/>.</exception>
    public async Task AcceptAsync(
        HeadFacts facts,
        ReadOnlyMemory<byte> file,
        string source,
        CancellationToken cancellationToken)
    {
        FileStream? guard = await LockAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            lock (_sync)
            {
                Accept(facts, file, source, guard is not null);
            }
        }
        finally
        {
            if (guard is not null)
            {
                await guard.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private void Accept(
        HeadFacts facts, ReadOnlyMemory<byte> file, string source, bool isLocked)
    {
        AcceptedHead? stored = Load();
        AcceptedHead? before = Newer(stored);
        DateTimeOffset now = Now(before);
        string? fault = HeadRules.FindFault(facts, _request, before?.Facts, now);
        if (fault is not null)
        {
            throw Refuse(source, fault, before);
        }

        Remember(new AcceptedHead(facts, file.ToArray(), now), stored, isLocked);
    }

    private async ValueTask<FileStream?> LockAsync(CancellationToken cancellationToken)
    {
        if (_store is null)
        {
            return null;
        }

        try
        {
            return await _store.LockAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            WarnOnce(exception);
            return null;
        }
    }

    private AcceptedHead? Newer(AcceptedHead? stored) =>
        _accepted is not null && _accepted.IsNewerThan(stored) ? _accepted : stored;

    private AcceptedHead? Load()
    {
        try
        {
            bool damaged = false;
            AcceptedHead? head = _store?.Load(out damaged);
            if (damaged)
            {
                _log.MemoryDamaged(_request.ToString(), _store!.Path);
            }

            return head;
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            WarnOnce(exception);
            return null;
        }
    }

    private void Remember(AcceptedHead head, AcceptedHead? stored, bool isLocked)
    {
        _accepted = head;
        bool isKnown = stored is not null
            && head.LastSeen - stored.LastSeen < _timeStep
            && head.File.Span.SequenceEqual(stored.File.Span);
        if (isKnown || !isLocked)
        {
            return;
        }

        try
        {
            _store!.Save(head);
        }
        catch (Exception exception) when (IsUnusable(exception))
        {
            WarnOnce(exception);
        }
    }

    private DateTimeOffset Now(AcceptedHead? accepted)
    {
        DateTimeOffset now = _time.GetUtcNow();
        now = now > ReleaseTime.Value ? now : ReleaseTime.Value;
        return accepted?.LastSeen > now ? accepted.LastSeen : now;
    }

    private BlockIOException Refuse(string source, string fault, AcceptedHead? before)
    {
        string memory = before is not null && _store is not null
            ? $" What was accepted before is remembered in {_store.Path}."
            : string.Empty;
        return new BlockIOException(
            FailureReason.Refused, $"The head {source} is refused: {fault}.{memory}")
        {
            ObjectName = source,
        };
    }

    private void WarnOnce(Exception exception)
    {
        if (!_warned)
        {
            _warned = true;
            _log.MemoryUnwritable(exception, _request.ToString(), _store!.Path);
        }
    }

    private static bool IsUnusable(Exception exception) =>
        exception is IOException and not BlockIOException or UnauthorizedAccessException;
}
