namespace VMSeed.Blocks.Publishing;

/// <summary>What a copy onto a mirror did.</summary>
public sealed record SyncResult
{
    /// <summary>The images, each with the newest version that the mirror now has.</summary>
    public required IReadOnlyList<(string Name, long Version)> Images { get; init; }

    /// <summary>Files of heads that are new on the mirror, or were signed anew.</summary>
    public required int NewHeads { get; init; }

    /// <summary>Objects that the images need.</summary>
    public required long Objects { get; init; }

    /// <summary>Objects among them that the mirror did not have, or had with wrong bytes.</summary>
    public required long CopiedObjects { get; init; }

    /// <summary>Bytes of all objects that the images need.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of the objects that were copied.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>What went from the mirror; null where nothing was to go.</summary>
    public CollectResult? Collected { get; init; }
}
