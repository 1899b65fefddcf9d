namespace VMSeed.Gslb.Selection;

/// <summary>A set of sites, by their index below 128.</summary>
/// <param name="Bits">One bit a site.</param>
internal readonly record struct SiteSet(UInt128 Bits)
{
    /// <summary>Indexes that there are: more than the mirrors of a selector, so that a site that is
    /// new is not taken for one that is gone.</summary>
    public const int Capacity = 128;

    /// <summary>Whether a site is in the set.</summary>
    /// <param name="site">The site.</param>
    /// <returns>True when it is.</returns>
    public bool Contains(Site site) => ((Bits >> site.Index) & UInt128.One) != UInt128.Zero;

    /// <summary>The set with one more site.</summary>
    /// <param name="site">The site.</param>
    /// <returns>The larger set.</returns>
    public SiteSet With(Site site) => new(Bits | (UInt128.One << site.Index));

    /// <summary>The set with all sites of another.</summary>
    /// <param name="others">The other.</param>
    /// <returns>The larger set.</returns>
    public SiteSet With(SiteSet others) => new(Bits | others.Bits);
}
