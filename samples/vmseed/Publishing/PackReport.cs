using System.Globalization;
using VMSeed.Blocks.Publishing;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Publishing;

/// <summary>What a publish came to, and the address to hand on.</summary>
internal sealed class PackReport(
    PublishResult result,
    PublishOptions options,
    SigningKeys keys,
    TimeSpan time,
    BootFiles? boot = null)
{
    private const string AnyServer = "https://YOUR-SERVER";

    private long Length => result.Head.Disk.Length;

    /// <summary>Where the image is on this machine, with its key.</summary>
    private string LocalAddress => result.HeadPath + keys.Fragment;

    /// <summary>Where it will be once the folder is served.</summary>
    private string WebAddress =>
        $"{Server}/images/{options.Name}.vmseed{keys.Fragment}";

    private string Server =>
        options.Mirrors.Count > 0 ? options.Mirrors[0].ToString().TrimEnd('/') : AnyServer;

    public void WriteText(bool quiet)
    {
        if (quiet)
        {
            Console.Out.WriteLine(LocalAddress);
            return;
        }

        string speed = ByteSize.Format((long)(Length / Math.Max(time.TotalSeconds, 0.001)));
        Console.Out.WriteLine(result.IsUnchanged
            ? $"{options.Name} version {result.Version} holds the same already; nothing to publish."
            : $"Published {options.Name} version {result.Version} "
                + $"in {Duration.Format(time)} ({speed}/s).");
        Report.WriteTable(
        [
            ["", "blocks", "bytes"],
            ["new", Count(result.NewBlocks), Bytes(result.NewBlocks)],
            ["known already", Count(result.KnownBlocks), Bytes(result.KnownBlocks)],
            ["zeros", Count(result.ZeroBlocks), Bytes(result.ZeroBlocks)],
            ["disk", Count(result.NewBlocks + result.KnownBlocks + result.ZeroBlocks),
                ByteSize.Format(Length)],
            ["repository grew by", "", ByteSize.Format(result.NewBytes)],
        ]);
        Report.WriteFacts(
            ("Kernel", boot?.Pack?.Release),
            ("Root", boot?.Root is { } root ? $"{root.Partition}:{root.FileSystem}" : null),
            ("Kernel lacks", boot?.Pack?.UnknownDrivers is { Count: > 0 } unknown
                ? string.Join(' ', unknown)
                : null),
            ("Signed by", keys.All.Count > 0 ? string.Join(", ", keys.Ids) : "nobody"),
            ("Here", LocalAddress),
            ("On the web", WebAddress));
    }

    public void WriteJson() => Report.WriteJson(new
    {
        name = options.Name,
        version = result.Version,
        unchanged = result.IsUnchanged,
        length = Length,
        blockSize = result.Head.Disk.BlockSize,
        newBlocks = result.NewBlocks,
        knownBlocks = result.KnownBlocks,
        zeroBlocks = result.ZeroBlocks,
        newBytes = result.NewBytes,
        storedBytes = result.Head.Content.StoredBytes,
        kernel = boot?.Pack?.Release,
        unknownDrivers = boot?.Pack?.UnknownDrivers,
        keyIds = keys.Ids,
        headPath = result.HeadPath,
        address = LocalAddress,
        seconds = time.TotalSeconds,
    });

    private string Bytes(long blocks) =>
        ByteSize.Format(Math.Min(blocks * result.Head.Disk.BlockSize, Length));

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);
}
