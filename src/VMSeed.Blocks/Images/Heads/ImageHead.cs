using System.Text.Json.Serialization;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>What a version of an image is: the signed file that a reader starts from.</summary>
/// <remarks>docs/IMAGE-FORMAT.md, section 6.</remarks>
public sealed record ImageHead
{
    internal const string FormatName = "vmseed-head";

    internal const int KnownFormat = 1;

    /// <summary>The image's name.</summary>
    public required string Name { get; init; }

    /// <summary>Grows with each publish; from 1.</summary>
    public required long Version { get; init; }

    /// <summary>When this version was published.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When this head was signed.</summary>
    [JsonPropertyName("signed")]
    public required DateTimeOffset SignedAt { get; init; }

    /// <summary>When readers stop accepting the head from a server, where the publisher set an
    /// end.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Features that a reader must know to read the image.</summary>
    [JsonRequired]
    public IReadOnlyList<string> Critical { get; init; } = [];

    /// <summary>The size of the disk and of its blocks.</summary>
    public required DiskShape Disk { get; init; }

    /// <summary>The root of the index.</summary>
    public required IndexRoot Index { get; init; }

    /// <summary>How much the version holds.</summary>
    public required ContentSummary Content { get; init; }

    /// <summary>The boot profile, where there is one.</summary>
    public ProfileReference? Profile { get; init; }

    /// <summary>Addresses of roots of equal repositories.</summary>
    public IReadOnlyList<Uri> Mirrors
    {
        get;

        // Generated code sets what a head does not mention to null, past the initializer.
        init => field = value ?? [];
    } = [];

    /// <summary>Kernel, initrd and the like, where the image has them beside its disk.</summary>
    public BootSection? Boot { get; init; }

    /// <summary>The object that names the next keys, where there is one.</summary>
    public Digest? KeyRotation { get; init; }

    // First in the file: it keeps the signature from meaning anything in another protocol.
    [JsonInclude]
    [JsonRequired]
    [JsonPropertyOrder(-2)]
    internal string Format { get; init; } = FormatName;

    [JsonInclude]
    [JsonRequired]
    [JsonPropertyOrder(-1)]
    internal int FormatVersion { get; init; } = KnownFormat;
}
