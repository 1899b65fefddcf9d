using System.CommandLine;
using VMSeed.Blocks.Publishing;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed gc FOLDER</c>: old versions go, and the objects that only they
/// used.</summary>
internal sealed class GcVerb : Verb
{
    private readonly Argument<string> _folder = new("folder")
    {
        Description = "The repository.",
    };

    private readonly Option<int?> _keep = new("--keep")
    {
        Description = "Versions of each image that stay whatever their age. [default: 3]",
        HelpName = "N",
    };

    private readonly Option<TimeSpan?> _keepHeads = Quantities.Time(
        "--keep-heads", "How old a version must be to go. [default: 30d]");

    private readonly Option<TimeSpan?> _keepObjects = Quantities.Time(
        "--keep-objects", "How old an object that no version needs must be to go. [default: 7d]");

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Only tell what would go.",
    };

    public GcVerb()
        : base("gc", "Deletes old versions from a repository, and objects that no version needs.")
    {
        Add(_folder);
        Add(_keep);
        Add(_keepHeads);
        Add(_keepObjects);
        Add(_dryRun);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        CollectOptions defaults = new();
        CollectOptions options = defaults with
        {
            KeepVersions = line.GetValue(_keep) ?? defaults.KeepVersions,
            KeepHeadsFor = line.GetValue(_keepHeads) ?? defaults.KeepHeadsFor,
            KeepObjectsFor = line.GetValue(_keepObjects) ?? defaults.KeepObjectsFor,
            DryRun = line.GetValue(_dryRun),
        };
        CollectResult result = await GarbageCollector.CollectAsync(
            line.GetRequiredValue(_folder), options, null, cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(result);
            return ExitCode.Done;
        }

        Console.Out.WriteLine(options.DryRun
            ? $"{ByteSize.Format(result.DeletedBytes)} would be freed:"
            : $"{ByteSize.Format(result.DeletedBytes)} freed:");
        Report.WriteTable(
        [
            ["", "deleted", "kept"],
            ["versions", $"{result.DeletedHeads}", $"{result.KeptHeads}"],
            ["objects", $"{result.DeletedObjects}", $"{result.KeptObjects}"],
            ["unfinished files", $"{result.DeletedTemporaries}", ""],
        ]);
        return ExitCode.Done;
    }
}
