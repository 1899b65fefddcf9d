namespace VMSeed.Gslb.Health;

/// <summary>Tells a proxy near this machine from one that stands before a single mirror.</summary>
/// <remarks>
/// Both answer in the same words. But a proxy near the client answers for mirror after mirror, and
/// while it fails nothing comes from anywhere; the gateway of a mirror fails alone, while others
/// deliver, and is that mirror's own affair. So the first such answer is nobody's fault, and one
/// that follows after another mirror has delivered is the mirror's.
/// </remarks>
internal sealed class ProxyWatch
{
    // Sites, by their bits, for which a proxy has answered since they delivered last; and of these,
    // those during whose trouble another has delivered.
    private UInt128 _proxied;
    private UInt128 _alone;

    /// <summary>Whether a proxy is held responsible now.</summary>
    public bool IsOn => (_proxied & ~_alone) != UInt128.Zero;

    /// <summary>A site has delivered.</summary>
    /// <param name="index">The site's bit.</param>
    public void TakeRight(int index)
    {
        UInt128 site = UInt128.One << index;
        _proxied &= ~site;
        _alone = _proxied;
    }

    /// <summary>A proxy has answered in a site's place.</summary>
    /// <param name="index">The site's bit.</param>
    /// <returns>Whether the site is to be spared.</returns>
    public bool TakeProxied(int index)
    {
        UInt128 site = UInt128.One << index;
        _proxied |= site;
        return (_alone & site) == UInt128.Zero;
    }
}
