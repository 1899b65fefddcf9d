using System.CommandLine;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Mirrors;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed info ADDRESS</c>: what the head of an image says.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly ReaderOptions _reader = new();

    public InfoVerb()
        : base("info", "Shows what an image is: size, version, signature, index, boot files.")
    {
        _reader.AddTo(this);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = Loggers.Create(line);
        using MirrorClient? client = await _reader.ConnectAsync(line, loggers, cancellationToken);
        LazyDiskOptions options = _reader.BuildForClaims(line, loggers);
        await using LazyDisk disk = await LazyDisk.OpenAsync(
            _reader.AddressOf(line),
            options with { HttpClient = client?.Http },
            cancellationToken);
        if (line.GetValue(SharedOptions.Json))
        {
            WriteJson(disk);
        }
        else
        {
            WriteText(disk);
        }

        return ExitCode.Done;
    }

    private static string Signature(LazyDisk disk) => disk switch
    {
        { Signers.Count: > 0 } =>
            string.Join(", ", disk.Signers.Select(key => key.KeyId)) + " (good)",
        { SignatureKeyIds.Count: > 0 } =>
            string.Join(", ", disk.SignatureKeyIds) + " (not checked: no --public-key was given)",
        _ => "nobody",
    };

    private static string Describe(BootRoot root) =>
        (root.Partition == 0 ? "the whole disk" : $"partition {root.Partition}")
        + $", {root.FileSystem}";

    private static void WriteText(LazyDisk disk)
    {
        ImageHead head = disk.Head;
        ContentSummary content = head.Content;
        long blocks = content.DataBlocks + content.ZeroBlocks;
        long dataBytes = Math.Min(content.DataBlocks * head.Disk.BlockSize, head.Disk.Length);
        List<(string, string?)> facts =
        [
            ("Name", head.Name),
            ("Version", $"{head.Version}"),
            ("Size", $"{ByteSize.Format(head.Disk.Length)} ({head.Disk.Length} bytes)"),
            ("Blocks", $"{blocks} of {ByteSize.Format(head.Disk.BlockSize)}: "
                + $"{content.DataBlocks} with data, {content.ZeroBlocks} of zeros"),
            ("Stored", $"{ByteSize.Format(content.StoredBytes)} for "
                + $"{ByteSize.Format(dataBytes)} of data"),
            ("Created", Moment.Format(head.Created)),
            ("Signed", Moment.Format(head.SignedAt)),
            ("Expires", head.Expires is { } expires ? Moment.Format(expires) : "never"),
            ("Signed by", Signature(disk)),
            ("Index", $"{head.Index.Levels} level(s) of {head.Index.Fanout}, root of "
                + $"{ByteSize.Format(head.Index.Length)}"
                + (head.Index.Inline.IsEmpty ? string.Empty : " in the head")),
            ("Profile", head.Profile is { } profile ? ByteSize.Format(profile.Length) : null),
            ("Mirrors", head.Mirrors.Count > 0 ? string.Join(' ', head.Mirrors) : null),
            ("Boot root", head.Boot?.Root is { } root ? Describe(root) : null),
            ("Boot words", head.Boot?.Arguments),
            .. (head.Boot?.Files ?? []).Select(file => (
                $"Boot {file.Role}",
                (string?)$"{file.Name}, {ByteSize.Format(file.Length)}, {file.Digest}")),
        ];
        Report.WriteFacts([.. facts]);
    }

    private static void WriteJson(LazyDisk disk)
    {
        ImageHead head = disk.Head;
        Report.WriteJson(new
        {
            name = head.Name,
            version = head.Version,
            length = head.Disk.Length,
            blockSize = head.Disk.BlockSize,
            dataBlocks = head.Content.DataBlocks,
            zeroBlocks = head.Content.ZeroBlocks,
            storedBytes = head.Content.StoredBytes,
            created = head.Created,
            signed = head.SignedAt,
            expires = head.Expires,
            keyIds = disk.Signers.Select(key => key.KeyId),
            signatureKeyIds = disk.SignatureKeyIds,
            index = new
            {
                levels = head.Index.Levels,
                fanout = head.Index.Fanout,
                digest = head.Index.Digest.ToString(),
                length = head.Index.Length,
                inline = !head.Index.Inline.IsEmpty,
            },
            profileLength = head.Profile?.Length,
            mirrors = head.Mirrors,
            bootRoot = head.Boot?.Root is { } root
                ? new { partition = root.Partition, fileSystem = root.FileSystem }
                : null,
            bootArguments = head.Boot?.Arguments,
            bootFiles = (head.Boot?.Files ?? []).Select(file => new
            {
                role = file.Role,
                name = file.Name,
                length = file.Length,
                digest = file.Digest.ToString(),
            }),
        });
    }
}
