using System.CommandLine;
using VMSeed.Blocks.Overlay;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Overlays;

namespace VMSeed.Tool.Verbs.Overlays;

/// <summary><c>vmseed overlay discard FILE</c>: throws away what was written; the image is as it
/// was.</summary>
internal sealed class OverlayDiscardVerb : Verb
{
    private readonly OverlayUse _overlay = new();

    public OverlayDiscardVerb()
        : base("discard", "Deletes an overlay that is not in use. What it holds is lost.")
    {
        _overlay.AddArgumentTo(this);
        Add(SharedOptions.Quiet);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string path = _overlay.PathOf(line)!;

        // So that nothing but an overlay is deleted, and none that somebody writes to.
        OverlayInfo info = await OverlayDisk.ReadInfoAsync(path, cancellationToken);
        OverlayDisk.Delete(path);
        if (!line.GetValue(SharedOptions.Quiet))
        {
            Console.Out.WriteLine(
                $"Discarded {ByteSize.Format(info.DataLength)} written over {info.Base.Name}.");
        }

        return ExitCode.Done;
    }
}
