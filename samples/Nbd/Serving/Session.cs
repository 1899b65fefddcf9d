using VMSeed.Nbd.Commands;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Replying;
using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Serving;

// One thread receives the requests of a connection, as many at once as the client has sent, and
// asks the export. What the export answers at once, which is all that memory or the page cache
// holds, goes into the batch, and the batch goes out with one call before the thread waits again:
// no other thread, no allocation, and for a queue of requests two system calls in all beside the
// reads themselves. What takes longer goes on by itself and is answered from elsewhere (see
// ReplySender), within a budget.

/// <summary>The transmission phase of one connection.</summary>
internal sealed class Session
{
    private readonly ReceiveBuffer _input;
    private readonly Agreement _agreement;
    private readonly NbdServerOptions _options;
    private readonly CancellationToken _stopping;
    private readonly Budget _budget;
    private readonly ReplySender _sender;
    private readonly ReplyBatch _batch;
    private readonly Replies _replies;
    private readonly ReadCommand _read;
    private readonly WriteCommand _write;
    private readonly PlainCommands _plain;
    private readonly BlockStatusCommand _status;

    /// <summary>Prepares the phase.</summary>
    /// <param name="input">What the client sends.</param>
    /// <param name="agreement">What the handshake led to.</param>
    /// <param name="options">Limits.</param>
    /// <param name="failures">Where failures of the export are told.</param>
    /// <param name="name">What the connection is called.</param>
    /// <param name="stopping">The server takes no more requests.</param>
    /// <param name="gone">Nobody waits for replies any more.</param>
    public Session(
        ReceiveBuffer input,
        Agreement agreement,
        NbdServerOptions options,
        Failures failures,
        string name,
        CancellationToken stopping,
        CancellationToken gone)
    {
        _input = input;
        _agreement = agreement;
        _options = options;
        _stopping = stopping;
        _budget = new Budget(options.RequestsInFlight, options.BytesInFlight);
        _sender = new ReplySender(input.Wire, _budget, name);
        _batch = new ReplyBatch(_sender);
        _replies = new Replies(agreement, _batch, _sender);
        Work work = new(agreement.Export, _budget, _batch, _replies, failures, gone);
        _read = new ReadCommand(agreement, _batch, _sender, work);
        _write = new WriteCommand(input, work);
        _plain = new PlainCommands(work);
        _status = new BlockStatusCommand(agreement, _sender, work);
        input.BeforeWaiting = _batch.Flush;
    }

    /// <summary>Answers requests until the client leaves.</summary>
    /// <returns>Whether it has said so; then it waits for what is still at work.</returns>
    /// <exception cref="IOException">The connection broke, or the client breaks the
    /// protocol.</exception>
    public bool Run()
    {
        while (_input.Require(RequestHeader.Size))
        {
            RequestHeader request = RequestHeader.Parse(_input.Take(RequestHeader.Size));
            if (request.Type == CommandType.Disconnect)
            {
                _batch.Flush();
                return true;
            }

            ErrorCode error = Judge(request);
            if (error == ErrorCode.None)
            {
                Dispatch(request);
            }
            else
            {
                if (request.Type == CommandType.Write) { _input.Skip(request.Length); }

                _replies.Status(request, error);
            }
        }

        _batch.Flush();
        return false;
    }

    /// <summary>Waits for what is still at work, and sends the last replies.</summary>
    /// <param name="hurry">Gives the wait up.</param>
    public void End(CancellationToken hurry)
    {
        _input.BeforeWaiting = null;
        _budget.WaitUntilIdle(hurry);
        _sender.End();
        _batch.Release();
    }

    private void Dispatch(in RequestHeader request)
    {
        switch (request.Type)
        {
            case CommandType.Read:
                _read.Run(request);
                break;
            case CommandType.Write:
                _write.Run(request);
                break;
            case CommandType.BlockStatus:
                _status.Run(request);
                break;
            default:
                _plain.Run(request);
                break;
        }
    }

    private ErrorCode Judge(in RequestHeader request)
    {
        if (request.Type == CommandType.Write && request.Length > _options.MaxPayload)
        {
            throw new NbdProtocolException(
                $"A write of {request.Length} bytes was begun; at most {_options.MaxPayload} "
                + "are taken.");
        }

        if (_stopping.IsCancellationRequested) { return ErrorCode.Shutdown; }

        ErrorCode flags = JudgeFlags(request);
        return flags != ErrorCode.None ? flags : JudgeRange(request);
    }

    private ErrorCode JudgeFlags(in RequestHeader request)
    {
        CommandFlags own = request.Type switch
        {
            CommandType.Read when _agreement.Structured => CommandFlags.DontFragment,
            CommandType.WriteZeroes => CommandFlags.NoHole | CommandFlags.FastZero,
            CommandType.BlockStatus => CommandFlags.RequestOne,
            _ => CommandFlags.None,
        };
        if ((request.Flags & ~(own | CommandFlags.Fua)) != 0) { return ErrorCode.Invalid; }

        return request.Type switch
        {
            CommandType.Write or CommandType.Trim or CommandType.WriteZeroes =>
                _agreement.Export.CanWrite ? ErrorCode.None : ErrorCode.Permission,
            CommandType.BlockStatus when _agreement.Contexts.Length == 0 => ErrorCode.Invalid,
            CommandType.Read or CommandType.Flush or CommandType.Cache
                or CommandType.BlockStatus => ErrorCode.None,
            _ => ErrorCode.Invalid,
        };
    }

    private ErrorCode JudgeRange(in RequestHeader request)
    {
        if (request.Type == CommandType.Flush)
        {
            return request.Offset == 0 && request.Length == 0
                ? ErrorCode.None : ErrorCode.Invalid;
        }

        // As unsigned numbers, so that nothing can overflow.
        ulong length = (ulong)_agreement.Length;
        if (request.Offset > length || request.Length > length - request.Offset)
        {
            return request.Type is CommandType.Write or CommandType.WriteZeroes
                ? ErrorCode.NoSpace : ErrorCode.Invalid;
        }

        return request.Type == CommandType.Read && request.Length > _options.MaxPayload
            ? ErrorCode.Overflow
            : request.Type == CommandType.BlockStatus && request.Length == 0
                ? ErrorCode.Invalid : ErrorCode.None;
    }
}
