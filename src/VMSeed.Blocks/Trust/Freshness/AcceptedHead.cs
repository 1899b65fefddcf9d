namespace VMSeed.Blocks.Trust.Freshness;

/// <summary>The newest head that was accepted for a request.</summary>
/// <param name="Facts">What later heads are held against.</param>
/// <param name="File">The signed file, for the time when no server answers.</param>
/// <param name="LastSeen">The latest time that was known when it was last accepted.</param>
internal sealed record AcceptedHead(
    HeadFacts Facts, ReadOnlyMemory<byte> File, DateTimeOffset LastSeen)
{
    /// <summary>Whether this one leaves less room for rollback than another.</summary>
    public bool IsNewerThan(AcceptedHead? other) =>
        other is null
        || Facts.Version > other.Facts.Version
        || (Facts.Version == other.Facts.Version && Facts.Signed >= other.Facts.Signed);
}
