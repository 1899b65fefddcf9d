namespace VMSeed.Gslb.Mirrors;

/// <summary>What an address must be to be a mirror's root.</summary>
internal static class MirrorAddress
{
    /// <summary>Whether an address can be a mirror's root.</summary>
    /// <param name="address">The address.</param>
    /// <returns>True for an absolute http or https address without user and fragment.</returns>
    public static bool IsValid(Uri address) =>
        IsWeb(address) && address.UserInfo.Length == 0 && address.Fragment.Length == 0;

    /// <summary>Says that an address cannot be a mirror's root.</summary>
    /// <param name="address">The address, shown without its query.</param>
    /// <param name="name">What it was given as.</param>
    /// <returns>A sentence.</returns>
    public static string FaultOf(Uri address, string name)
    {
        string shown = IsWeb(address) ? address.GetLeftPart(UriPartial.Path) : $"{address}";
        return $"{name} has {shown}, which is no http or https address without user and fragment.";
    }

    /// <summary>A root's address as it is compared and appended to.</summary>
    /// <param name="address">The address.</param>
    /// <returns>The same, whose path ends with a slash.</returns>
    public static Uri WithSlash(Uri address)
    {
        if (address.AbsolutePath.EndsWith('/'))
        {
            return address;
        }

        UriBuilder builder = new(address) { Path = address.AbsolutePath + "/" };
        return builder.Uri;
    }

    private static bool IsWeb(Uri address) => address.IsAbsoluteUri
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps);
}
