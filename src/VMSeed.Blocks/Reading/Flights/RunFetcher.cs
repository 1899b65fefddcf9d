using System.Buffers;
using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Flights;

/// <summary>Brings the frames of a run: one ranged request, and others only where it
/// fails.</summary>
/// <remarks>
/// A frame is checked, decoded, checked again and handed out while the next one is still on the
/// line. When a try fails, the next begins at the first frame that has not been handed out. A frame
/// that stays wrong fails those who wait for it, and nobody who waits for its neighbours.
/// </remarks>
internal sealed class RunFetcher(
    ReadContext context,
    FrameRun run,
    ReadPurpose purpose,
    Action<List<BlockFlight>, BlockIOException> fail)
{
    // A pack that is wrong all over is not worth a request for each of its frames.
    private const int MaxBadFrames = 4;

    private int _delivered;
    private int _badFrames;
    private BlockIOException? _frameFault;

    /// <summary>Lands every flight of the run, or throws for those that have not landed.</summary>
    public async Task FetchAsync(CancellationToken cancellationToken)
    {
        RetrySchedule retries = context.NewSchedule(purpose);
        while (_delivered < run.Frames.Count)
        {
            try
            {
                await TryOnceAsync(retries.PastCaches, cancellationToken).ConfigureAwait(false);
            }
            catch (BlockIOException failure)
            {
                context.Counters.CountFailure(failure);
                context.Log.FetchFailed(context.Proof.NameOf(run.Pack), failure);
                if (await retries.WaitAsync(failure, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }

                bool isAlone = failure == _frameFault && ++_badFrames < MaxBadFrames;
                if (!isAlone || purpose == ReadPurpose.Prefetch)
                {
                    throw;
                }

                fail(run.Frames[_delivered++].Flights, failure);
            }
        }
    }

    private async Task TryOnceAsync(bool pastCaches, CancellationToken cancellationToken)
    {
        long start = run.Frames[_delivered].Frame.Offset;
        var request = new ObjectRequest(
            context.Proof.NameOf(run.Pack),
            start,
            (int)(run.End - start),
            run.Pack.Length,
            purpose,
            pastCaches,
            context.Proof.BlamesServers ? CheckFrom(_delivered) : null,
            purpose == ReadPurpose.Prefetch ? () => run.IsWanted : null);
        context.Counters.CountRequest(request.Length, purpose);
        ObjectBody body = await context.Source
            .OpenAsync(request, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            long position = start;
            for (; _delivered < run.Frames.Count; _delivered++)
            {
                (FrameRecord frame, List<BlockFlight> flights) = run.Frames[_delivered];
                await ReadFrameAsync(body, frame, flights, position, cancellationToken)
                    .ConfigureAwait(false);
                position = frame.Offset + frame.StoredLength;
            }
        }
    }

    // What a handler is told of a body that it holds whole: the same that is found out here as it
    // comes, frame by frame.
    private Func<ReadOnlyMemory<byte>, bool?> CheckFrom(int first) => body =>
    {
        long start = run.Frames[first].Frame.Offset;
        bool isRight = body.Length == run.End - start;
        for (int i = first; isRight && i < run.Frames.Count; i++)
        {
            FrameRecord frame = run.Frames[i].Frame;
            isRight = context.Proof.IsFrame(
                body.Span.Slice((int)(frame.Offset - start), frame.StoredLength), frame);
        }

        return isRight;
    };

    private async ValueTask ReadFrameAsync(
        ObjectBody body,
        FrameRecord frame,
        List<BlockFlight> flights,
        long position,
        CancellationToken cancellationToken)
    {
        int gap = (int)(frame.Offset - position);
        byte[] stored = ArrayPool<byte>.Shared.Rent(gap + frame.StoredLength);

        // Not given back when this fails: a read that was abandoned may still write into it.
        await body.FillAsync(stored.AsMemory(0, gap + frame.StoredLength), cancellationToken)
            .ConfigureAwait(false);
        try
        {
            bool isRight =
                context.Proof.IsFrame(stored.AsSpan(gap, frame.StoredLength), frame);
            if (context.Proof.BlamesServers)
            {
                body.Judge(isRight);
            }

            if (!isRight)
            {
                throw Corrupt("does not match the index", canRetry: true);
            }

            Deliver(frame, flights, stored.AsMemory(gap, frame.StoredLength));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private void Deliver(FrameRecord frame, List<BlockFlight> flights, ReadOnlyMemory<byte> stored)
    {
        try
        {
            if (flights is [{ HasLanded: false } only] && only.Length == frame.PlainLength)
            {
                Land(only, to => FrameDecoder.Decode(frame.Codec, stored, to.Span));
            }
            else
            {
                DeliverParts(frame, flights, stored);
            }
        }
        catch (InvalidDataException exception)
        {
            throw Corrupt($"cannot be decoded ({exception.Message})", canRetry: false);
        }
    }

    private void DeliverParts(
        FrameRecord frame, List<BlockFlight> flights, ReadOnlyMemory<byte> stored)
    {
        byte[] plain = ArrayPool<byte>.Shared.Rent(frame.PlainLength);
        try
        {
            FrameDecoder.Decode(frame.Codec, stored, plain.AsSpan(0, frame.PlainLength));
            foreach (BlockFlight flight in flights.Where(flight => !flight.HasLanded))
            {
                Land(
                    flight,
                    to => plain.AsSpan(flight.Block.Place, flight.Length).CopyTo(to.Span));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private void Land(BlockFlight flight, Action<BlockBuffer> fill)
    {
        BlockBuffer buffer = BlockBuffer.Rent(flight.Length, context.Proof.TrailerLength);
        bool isRight = false;
        try
        {
            fill(buffer);
            isRight = context.Proof.IsFetched(buffer, flight.Digest);
        }
        finally
        {
            if (!isRight)
            {
                buffer.Release();
            }
        }

        // The stored bytes are those of the signed index: asking again would bring the same.
        if (!isRight)
        {
            throw Corrupt("holds another block than the index says", canRetry: false);
        }

        context.Memory.Add(flight.Resident, buffer);
        flight.Land(buffer);
    }

    private BlockIOException Corrupt(string fact, bool canRetry)
    {
        FrameRecord frame = run.Frames[_delivered].Frame;
        string name = context.Proof.NameOf(run.Pack);
        return _frameFault = new BlockIOException(
            FailureReason.Corrupt,
            $"The frame of {frame.StoredLength} bytes at {frame.Offset} of {name} "
            + $"from {context.Source} {fact}.")
        {
            CanRetry = canRetry,
            ObjectName = name,
        };
    }
}
