using System.CommandLine;

namespace VMSeed.Tool.Verbs.Overlays;

/// <summary><c>vmseed overlay …</c>: what becomes of what was written over an image.</summary>
internal sealed class OverlayVerbs : Command
{
    public OverlayVerbs()
        : base("overlay", "Looks into overlays; publishes, exports and discards what they hold.")
    {
        Add(new OverlayInfoVerb());
        Add(new OverlayCommitVerb());
        Add(new OverlayExportVerb());
        Add(new OverlayDiscardVerb());
    }
}
