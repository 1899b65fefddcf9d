using System.Diagnostics;
using System.Runtime.CompilerServices;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Fetching;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Streaming;

/// <summary>A body that is too long to be fetched whole: it goes on at another mirror, from the
/// byte after the last that came, when the one that sends it stalls, breaks or is
/// rejected.</summary>
/// <remarks>
/// What goes on is a fetch like any other (hedged, checked in its head) for the rest of the range.
/// It is a part of the same file by <see cref="Continuity"/>. A reader that gives a read up may
/// read on; the stream then goes on with a new request.
/// </remarks>
internal sealed class ResumingStream : Stream
{
    // Parts in a row that brought nothing: each is the best of a fetch of its own, so that more of
    // them would promise no better.
    private const int MostBarrenParts = 4;

    private readonly Fleet _fleet;
    private readonly RequestPlan _plan;
    private readonly Continuity _continuity;
    private readonly long _first;
    private readonly long _length;
    private readonly StreamVerdict _verdict;
    private StreamPart? _part;
    private SiteSet _avoid;
    private long _position;
    private int _barren;
    private bool _isDisposed;

    /// <summary>Makes the stream.</summary>
    /// <param name="fleet">The mirrors.</param>
    /// <param name="plan">What was asked for.</param>
    /// <param name="first">The first answer; disposed of with the stream.</param>
    /// <param name="isBound">Whether another mirror's bytes are the same by promise.</param>
    public ResumingStream(Fleet fleet, RequestPlan plan, FetchResult first, bool isBound)
    {
        _fleet = fleet;
        _plan = plan;
        _first = Math.Max(plan.Wish.First, 0);
        _length = first.Answer.Length;
        _continuity = Continuity.Of(first.Response, first.Answer.Total, isBound);
        _verdict = new StreamVerdict(fleet, plan, _first);
        Continue(first);
    }

    /// <summary>Bytes of the body; -1 where that is not known.</summary>
    public long BodyLength => _length;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Hears how many bytes have been judged, and whether they were right.</summary>
    /// <inheritdoc cref="StreamVerdict.Judge"/>
    public void Judge(long judged, bool isRight) => _verdict.Judge(judged, isRight);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (buffer.Length > 0 && _position != _length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            StreamPart part = await GetPartAsync(cancellationToken).ConfigureAwait(false);
            Memory<byte> target = _length < 0
                ? buffer
                : buffer[..(int)Math.Min(buffer.Length, _length - _position)];
            int count = await part.ReadAsync(target, cancellationToken).ConfigureAwait(false);
            if (count > 0)
            {
                Advance(target.Span[..count]);
                return count;
            }

            if (count == 0 && _length < 0)
            {
                break;
            }

            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Leave(part, part.Fact.Length > 0 ? part.Fact : "ended too early");
        }

        if (buffer.Length > 0)
        {
            _part?.End(AttemptOutcome.Delivered);
        }

        return 0;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is written.
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _part?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Advance(ReadOnlySpan<byte> bytes)
    {
        _barren = 0;
        _position += bytes.Length;
        _verdict.Take(bytes);
        if (_position == _length)
        {
            _part!.End(AttemptOutcome.Delivered);
        }
    }

    private async ValueTask<StreamPart> GetPartAsync(CancellationToken cancellationToken)
    {
        if (_part is { } rejected && _verdict.IsRejected(rejected))
        {
            Leave(rejected, "sent wrong bytes");
        }
        else if (_part is { Outcome: not AttemptOutcome.Live } failed)
        {
            Leave(failed, failed.Fact);
        }

        if (_part is null)
        {
            Continue(await AskForRestAsync(cancellationToken).ConfigureAwait(false));
        }

        return _part!;
    }

    private void Leave(StreamPart part, string fact)
    {
        AttemptOutcome outcome = part.Outcome != AttemptOutcome.Live ? part.Outcome
            : _verdict.IsRejected(part) ? AttemptOutcome.Abandoned
            : AttemptOutcome.Broken;
        part.End(outcome);
        _part = null;
        _barren++;
        _avoid = outcome == AttemptOutcome.Abandoned && !_verdict.IsRejected(part)
            ? _avoid
            : default(SiteSet).With(part.Site);
        _fleet.Tools.Log.Resumed(_plan.Path, _fleet.TransportOf(part.Site).Name, _position, fact);
    }

    private void Continue(FetchResult result)
    {
        _part = new StreamPart(_fleet, result, _position);
        _verdict.TakeOver(_part);
    }

    private async Task<FetchResult> AskForRestAsync(CancellationToken cancellationToken)
    {
        if (_barren > MostBarrenParts)
        {
            throw Failure($"{_barren} mirrors in a row brought nothing", null);
        }

        long last = _length < 0 ? -1 : _first + _length - 1;
        RequestPlan rest = _plan with
        {
            Wish = new ByteWish(_first + _position, last),
            Check = null,
            Progress = null,
            Continuity = _continuity,
            IsRevalidation = false,
        };
        using Activity? span = MirrorTraces.BeginFetch(rest.Path, rest.Wish.Length);
        using FetchDriver driver = new(_fleet, rest, _avoid, span);
        return await driver.RunAsync(cancellationToken).ConfigureAwait(false)
            ?? throw Failure(FetchFailure.Describe(driver), FetchFailure.CauseOf(driver));
    }

    private HttpIOException Failure(string fact, Exception? inner) =>
        new(
            HttpRequestError.ResponseEnded,
            $"The body of {_plan.Path} ended after {_position} bytes, and no mirror went on with"
                + $" it: {fact}.",
            inner);
}
