using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Replying;

namespace VMSeed.Nbd.Commands;

/// <summary>What the commands of one connection share: the export, and how work on it is answered
/// that has no data to bring.</summary>
internal sealed class Work(
    NbdExport export,
    Budget budget,
    ReplyBatch batch,
    Replies replies,
    Failures failures,
    CancellationToken gone)
{
    public NbdExport Export => export;

    public Replies Replies => replies;

    /// <summary>Nobody waits for replies any more.</summary>
    public CancellationToken Gone => gone;

    /// <summary>Takes a share of the connection's budget, waiting for it.</summary>
    public void Enter(long cost)
    {
        if (budget.TryEnter(cost)) { return; }

        // What has been answered need not wait with us.
        batch.Flush();
        budget.Enter(cost);
    }

    public ErrorCode Explain(Exception failure) => failures.Explain(export, failure);

    /// <summary>Answers a request when its work is done: now, if it is.</summary>
    /// <param name="request">The request; with FUA, a flush comes before the answer.</param>
    /// <param name="work">The work.</param>
    /// <param name="cost">What it takes of the budget while it lasts.</param>
    public void Answer(in RequestHeader request, ValueTask work, long cost)
    {
        if (work.IsCompletedSuccessfully && !NeedsFlush(request))
        {
            work.GetAwaiter().GetResult();
            replies.Status(request, ErrorCode.None);
            return;
        }

        Enter(cost);
        _ = AnswerLaterAsync(request, work, cost);
    }

    /// <summary>Answers a request whose share of the budget has been taken.</summary>
    public async Task AnswerLaterAsync(RequestHeader request, ValueTask work, long cost)
    {
        ErrorCode error = await EndOfAsync(request, work).ConfigureAwait(false);
        replies.PostStatus(request, error, cost);
    }

    /// <summary>Gives a share of the budget back when work is done that nobody waits for.</summary>
    public async Task ForgetAsync(Task work, long cost)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        budget.Exit(cost);
    }

    /// <summary>Calls an export; what it throws at once is the work's failure too.</summary>
    public static ValueTask Start<T>(T state, Func<T, ValueTask> call)
    {
        try
        {
            return call(state);
        }
        catch (Exception failure)
        {
            return ValueTask.FromException(failure);
        }
    }

    private static bool NeedsFlush(in RequestHeader request) =>
        request.Has(CommandFlags.Fua)
        && request.Type is CommandType.Write or CommandType.Trim or CommandType.WriteZeroes;

    private async ValueTask<ErrorCode> EndOfAsync(RequestHeader request, ValueTask work)
    {
        try
        {
            await work.ConfigureAwait(false);
            if (NeedsFlush(request)) { await export.FlushAsync().ConfigureAwait(false); }

            return ErrorCode.None;
        }
        catch (Exception failure)
        {
            return Explain(failure);
        }
    }
}
