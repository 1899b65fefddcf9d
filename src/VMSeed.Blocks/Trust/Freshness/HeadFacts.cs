using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Trust.Freshness;

/// <summary>What freshness depends on in a head whose signature is verified.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Version">The image's version, from 1.</param>
/// <param name="Signed">When the head was signed: what may grow while the version stays.</param>
/// <param name="Expires">
/// When a head that is fetched is refused, where the publisher set an end.
/// </param>
/// <param name="Content">
/// The digest of all that signing anew must not change: the index root, the disk's shape, the boot
/// files and every other member but <c>signed</c> and <c>expires</c>.
/// </param>
internal sealed record HeadFacts(
    string Name, long Version, DateTimeOffset Signed, DateTimeOffset? Expires, Digest Content);
