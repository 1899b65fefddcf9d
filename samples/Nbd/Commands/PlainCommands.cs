using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Commands;

/// <summary>The commands that bring no data and take none: flush, trim, zeroes, cache.</summary>
internal sealed class PlainCommands(Work work)
{
    public void Run(in RequestHeader request)
    {
        if (request.Has(CommandFlags.FastZero))
        {
            // Some formats zero by writing, and none says so beforehand: the answer that costs
            // nobody anything is that it might not be quick.
            work.Replies.Status(request, ErrorCode.NotSupported);
            return;
        }

        work.Answer(request, Work.Start((work, request), Start), cost: 0);
    }

    private static ValueTask Start((Work Work, RequestHeader Request) call)
    {
        (Work work, RequestHeader request) = call;
        long offset = (long)request.Offset;
        return request.Type switch
        {
            CommandType.Flush => work.Export.FlushAsync(),
            CommandType.Trim => work.Export.TrimAsync(offset, request.Length, work.Gone),
            CommandType.Cache => work.Export.PrefetchAsync(offset, request.Length, work.Gone),
            _ => work.Export.ZeroAsync(
                offset, request.Length, request.Has(CommandFlags.NoHole), work.Gone),
        };
    }
}
