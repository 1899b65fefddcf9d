namespace VMSeed.Blocks.Publishing;

/// <summary>What garbage collection did, or would do.</summary>
public sealed record CollectResult
{
    /// <summary>Heads of versions that are kept.</summary>
    public required int KeptHeads { get; init; }

    /// <summary>Heads of versions that were deleted.</summary>
    public required int DeletedHeads { get; init; }

    /// <summary>Objects that are kept, because a head reaches them or because they are
    /// young.</summary>
    public required long KeptObjects { get; init; }

    /// <summary>Objects that were deleted.</summary>
    public required long DeletedObjects { get; init; }

    /// <summary>Files that were deleted because no publisher finished them.</summary>
    public required long DeletedTemporaries { get; init; }

    /// <summary>Bytes of all that was deleted.</summary>
    public required long DeletedBytes { get; init; }
}
