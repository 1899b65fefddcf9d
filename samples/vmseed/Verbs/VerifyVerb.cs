using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Verification;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed verify ADDRESS</c>: reads every object of an image, and names the bad
/// ones.</summary>
internal sealed class VerifyVerb : Verb
{
    // What is worst for a reader comes first: the exit code is that of the first that occurs.
    private static readonly FailureReason[] _gravity =
    [
        FailureReason.Corrupt,
        FailureReason.Missing,
        FailureReason.Refused,
        FailureReason.Unavailable,
    ];

    private readonly ReaderOptions _reader = new();

    public VerifyVerb()
        : base("verify", "Reads every object of a published image, and names the bad ones.")
    {
        _reader.AddTo(this);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        LazyDiskOptions options = _reader.Build(line, loggers);
        using MirrorClient? client = await _reader.ConnectAsync(line, loggers, cancellationToken);
        options = options with { HttpClient = client?.Http };
        string address = _reader.AddressOf(line);
        VerifyResult result = await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Verifying",
            total: 0,
            bar => ImageVerifier.VerifyAsync(
                address, options, new VerifyTicks(bar), cancellationToken));
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(result);
        }
        else
        {
            WriteText(result);
        }

        return _gravity
            .Where(reason => result.Faults.Any(fault => fault.Reason == reason))
            .Select(ExitCode.Of)
            .FirstOrDefault(ExitCode.Done);
    }

    private static void WriteText(VerifyResult result)
    {
        foreach (ObjectFault fault in result.Faults)
        {
            string reason = fault.Reason.ToString().ToLowerInvariant();
            Console.Out.WriteLine($"{reason,-12} {fault.Path}: {fault.Message}");
        }

        string verdict = result.IsGood ? "all good" : $"{result.Faults.Count} objects are bad";
        Console.Out.WriteLine(
            $"{result.Objects} objects, {result.Blocks} blocks, "
            + $"{ByteSize.Format(result.BytesRead)} read: {verdict}.");
    }

    private sealed class VerifyTicks(IProgress<(long Done, long Total)> bar)
        : IProgress<VerifyProgress>
    {
        // The bar counts bytes; of how many, the blocks that are left tell.
        public void Report(VerifyProgress value)
        {
            double share = value.Blocks / (double)Math.Max(value.DataBlocks, 1);
            long total = share > 0 ? (long)(value.BytesRead / Math.Min(share, 1)) : 0;
            bar.Report((value.BytesRead, total));
        }
    }
}
