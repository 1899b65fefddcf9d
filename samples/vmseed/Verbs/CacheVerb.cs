using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Caching;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed cache list|prune|verify|clear</c>: looks after the blocks on the local
/// disk.</summary>
internal sealed class CacheVerb : Command
{
    private static readonly Option<long?> _size = Quantities.Size(
        "--size", "What the cache may go on occupying.");

    public CacheVerb()
        : base("cache", "Looks after the blocks that are kept on the local disk.")
    {
        Add(new CacheTask("list", "Tells what the cache holds.", ListAsync));
        Add(new CacheTask("prune", "Makes the cache smaller; what is used least goes.", PruneAsync)
        {
            _size,
        });
        Add(new CacheTask("verify", "Hashes every block; those that are wrong go.", VerifyAsync));
        Add(new CacheTask("clear", "Empties the cache.", ClearAsync));
    }

    private delegate Task<int> Work(
        BlockCache cache, ParseResult line, CancellationToken cancellationToken);

    private static async Task<int> ListAsync(
        BlockCache cache, ParseResult line, CancellationToken cancellationToken)
    {
        BlockCacheStatistics held = await cache.GetStatisticsAsync(cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new
            {
                held.Blocks,
                held.PlainBytes,
                held.UsedBytes,
                held.MaxBytes,
                held.Created,
            });
            return ExitCode.Done;
        }

        Report.WriteFacts(
            ("Blocks", $"{held.Blocks} ({ByteSize.Format(held.PlainBytes)})"),
            ("Occupied", $"{ByteSize.Format(held.UsedBytes)} of {ByteSize.Format(held.MaxBytes)}"),
            ("Begun", Moment.Format(held.Created)));
        return ExitCode.Done;
    }

    private static async Task<int> PruneAsync(
        BlockCache cache, ParseResult line, CancellationToken cancellationToken)
    {
        long size = line.GetValue(_size)
            ?? throw new ToolException(ExitCode.Usage, "to what size? Give --size SIZE.");
        TellFreed(line, await cache.PruneAsync(size, cancellationToken));
        return ExitCode.Done;
    }

    private static async Task<int> ClearAsync(
        BlockCache cache, ParseResult line, CancellationToken cancellationToken)
    {
        TellFreed(line, await cache.ClearAsync(cancellationToken));
        return ExitCode.Done;
    }

    private static async Task<int> VerifyAsync(
        BlockCache cache, ParseResult line, CancellationToken cancellationToken)
    {
        BlockCacheVerification found = await ProgressBar.RunAsync(
            quiet: false,
            "Verifying",
            total: 0,
            bar => cache.VerifyAsync(new VerifyTicks(bar), cancellationToken));
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(found);
        }
        else
        {
            Console.Out.WriteLine(
                $"{found.Checked} blocks, {ByteSize.Format(found.Bytes)}: "
                + (found.Bad == 0 ? "all good." : $"{found.Bad} were bad and are dropped."));
        }

        return found.Bad == 0 ? ExitCode.Done : ExitCode.Corrupt;
    }

    private static void TellFreed(ParseResult line, long bytes)
    {
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new { freedBytes = bytes });
        }
        else
        {
            Console.Out.WriteLine($"{ByteSize.Format(bytes)} freed.");
        }
    }

    private sealed class VerifyTicks(IProgress<(long Done, long Total)> bar)
        : IProgress<BlockCacheVerification>
    {
        // The bar counts bytes; of how many, the blocks that are left tell.
        public void Report(BlockCacheVerification value) =>
            bar.Report((value.Bytes, value.Bytes / Math.Max(value.Checked, 1) * value.Total));
    }

    /// <summary>One of the tasks, done on an open cache.</summary>
    private sealed class CacheTask : Verb
    {
        private readonly CacheOptions _cache = new();
        private readonly Work _work;

        public CacheTask(string name, string description, Work work)
            : base(name, description)
        {
            _work = work;
            _cache.AddTo(this);
            Add(SharedOptions.Json);
        }

        protected override async Task<int> RunAsync(
            ParseResult line, CancellationToken cancellationToken)
        {
            string folder = _cache.FolderOf(line);
            if (!Directory.Exists(folder))
            {
                throw new ToolException(ExitCode.Missing, $"there is no cache in {folder}.");
            }

            using ILoggerFactory loggers = Loggers.Create(line);
            await using BlockCache cache = await BlockCache.OpenAsync(
                folder, _cache.Build(line), loggers.CreateLogger<BlockCache>(), cancellationToken);
            return await _work(cache, line, cancellationToken);
        }
    }
}
