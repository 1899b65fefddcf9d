namespace VMSeed.Tool.Mirrors;

/// <summary>What a comparison found at a mirror.</summary>
/// <param name="Root">The mirror's root.</param>
/// <param name="Version">The version that its head is of; null where it has none that is
/// believed.</param>
/// <param name="Checked">Blocks, or with all of them objects, that were looked at.</param>
/// <param name="Faults">What is wrong with it.</param>
internal sealed record MirrorFinding(
    Uri Root, long? Version, long Checked, IReadOnlyList<MirrorFault> Faults)
{
    /// <summary>Versions by which it is behind the newest that any mirror has.</summary>
    public long Lag { get; init; }
}
