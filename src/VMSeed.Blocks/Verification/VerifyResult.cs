namespace VMSeed.Blocks.Verification;

/// <summary>What a check of an image found.</summary>
public sealed record VerifyResult
{
    /// <summary>Objects that were looked at, each once.</summary>
    public required long Objects { get; init; }

    /// <summary>Blocks that were looked at.</summary>
    public required long Blocks { get; init; }

    /// <summary>Bytes that were read.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Objects that are bad, at most the first thousand; none for a good image.</summary>
    public required IReadOnlyList<ObjectFault> Faults { get; init; }

    /// <summary>Whether everything is as it must be.</summary>
    public bool IsGood => Faults.Count == 0;
}
