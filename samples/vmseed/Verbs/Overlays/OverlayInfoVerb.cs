using System.CommandLine;
using VMSeed.Blocks.Overlay;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;
using VMSeed.Tool.Overlays;

namespace VMSeed.Tool.Verbs.Overlays;

/// <summary><c>vmseed overlay info FILE</c>: what an overlay lies over, and how much it
/// holds.</summary>
internal sealed class OverlayInfoVerb : Verb
{
    private readonly OverlayUse _overlay = new();

    public OverlayInfoVerb()
        : base(
            "info",
            "Shows what an overlay lies over and how much it holds; of one in use, as of its "
            + "last flush.")
    {
        _overlay.AddArgumentTo(this);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string path = _overlay.PathOf(line)!;
        OverlayInfo info = await OverlayDisk.ReadInfoAsync(path, cancellationToken);
        long? occupied = await FileUse.OfAsync(path, cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new
            {
                length = info.Length,
                dataLength = info.DataLength,
                zeroLength = info.ZeroLength,
                occupiedBytes = occupied,
                baseName = info.Base.Name,
                baseAddress = info.Base.Address,
                baseIdentity = info.Base.Value,
                baseLength = info.BaseLength,
            });
            return ExitCode.Done;
        }

        Report.WriteFacts(
            ("Over", info.Base.Name),
            ("From", info.Base.Address.Length > 0 ? info.Base.Address : null),
            ("Identity", info.Base.Value),
            ("Size", $"{ByteSize.Format(info.Length)} ({info.Length} bytes)"),
            ("Written", ByteSize.Format(info.DataLength)),
            ("Zeroed", ByteSize.Format(info.ZeroLength)),
            ("Occupies", occupied is { } bytes ? ByteSize.Format(bytes) : null));
        return ExitCode.Done;
    }
}
