using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Disks;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.ImageBuilder.Warming;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Copying;
using VMSeed.Tool.Images;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;
using VMSeed.Tool.Seeds;

namespace VMSeed.Tool.Verbs.Seeds;

/// <summary><c>vmseed seed ADDRESS -o FILE</c>: a small bootable disk that becomes the image by
/// use.</summary>
internal sealed class SeedVerb : Verb
{
    private readonly ReaderOptions _reader = new();

    private readonly Option<string[]> _outputs = new("--output", "-o")
    {
        Description = "A file to make; its ending says the format: .raw, .vmdk, .vdi, .vhd, .vhdx, "
            + ".hdd (Parallels), .qcow2, or .tar, a sparse archive of the raw disk. Repeatable.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<DiskFormat[]> _formats = FormatNames.Options(
        "--format", "For an output without such an ending: adds one a format. Repeatable.");

    private readonly SeedOptionSet _seed = new();

    public SeedVerb()
        : base(
            "seed",
            "Makes a small bootable disk that fetches an image as it is used, for any "
            + "hypervisor.")
    {
        _reader.AddTo(this);
        Add(_outputs);
        Add(_formats);
        _seed.AddTo(this);
        Add(SharedOptions.Force);
        Add(SharedOptions.Quiet);
        Add(SharedOptions.Json);
        Add(new SeedInfoVerb());
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        IReadOnlyList<SeedTarget> targets = SeedTarget.Of(
            line.GetRequiredValue(_outputs), line.GetValue(_formats) ?? []);
        bool force = line.GetValue(SharedOptions.Force);
        foreach (SeedTarget target in targets)
        {
            // Before the work, not after it.
            ReplacedFile.Check(target.Path, force);
        }

        using ILoggerFactory loggers = Loggers.Create(line);
        await using SeedImages images = new();
        foreach (string address in (string[])[_reader.AddressOf(line), .. _seed.ImagesOf(line)])
        {
            await images.OpenAsync(
                line, _reader, address, _seed.RootOf(line), loggers, cancellationToken);
        }

        bool quiet = line.GetValue(SharedOptions.Quiet) || line.GetValue(SharedOptions.Json);
        await using Seed seed = await SeedBuilder.BuildAsync(
            _seed.Build(line, images.All), new StepLines(quiet), cancellationToken);
        if (_seed.WarmOf(line) is { } list)
        {
            await WarmAsync(line, seed, list, quiet, loggers, cancellationToken);
        }

        List<SeedFile> files = [];
        foreach (SeedTarget target in targets)
        {
            files.Add(await ProgressBar.RunAsync(
                quiet,
                $"Writing {target.Title}",
                seed.Disk.Length,
                bar => target.WriteAsync(seed, force, new CopyTicks(bar), cancellationToken)));
        }

        SeedReport.Write(line, seed, targets, files);
        return ExitCode.Done;
    }

    private async Task WarmAsync(
        ParseResult line,
        Seed seed,
        string list,
        bool quiet,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Offset, long Length)> ranges = TouchList.Read(list);
        using MirrorClient? client = await _reader.ConnectAsync(line, loggers, cancellationToken);
        long total = ranges.Sum(range => range.Length);
        await ProgressBar.RunAsync(
            quiet,
            "Warming the cache",
            total,
            bar => SeedWarmer.WarmAsync(
                seed,
                _reader.AddressOf(line),
                _reader.Build(line, loggers) with { HttpClient = client?.Http },
                ranges,
                new WarmTicks(bar, total),
                cancellationToken));
    }
}
