using System.Globalization;

namespace VMSeed.Blocks.Trust.Freshness;

/// <summary>Which head the user asked for.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Version">A version that the user named; null for the newest.</param>
internal readonly record struct HeadRequest(string Name, long? Version)
{
    /// <summary>The name, and the version where one was asked for.</summary>
    public override string ToString() => Version is long version
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}/{version}")
        : Name;
}
