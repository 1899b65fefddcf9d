using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace VMSeed.ImageBuilder.Partitions;

/// <summary>Identifiers that follow from the seed's own, so that nothing else tells one build from
/// another.</summary>
/// <param name="disk">The seed's identifier.</param>
/// <param name="purpose">What they are for.</param>
internal sealed class DerivedIdentifiers(Guid disk, string purpose)
{
    private int _count;

    /// <summary>The next identifier, of version 8 (RFC 9562, section 5.8).</summary>
    public Guid Next() => Of(
        disk,
        string.Create(
            CultureInfo.InvariantCulture, $"{purpose} {Interlocked.Increment(ref _count)}"));

    /// <summary>The identifier of one name.</summary>
    public static Guid Of(Guid disk, string name)
    {
        byte[] hash = SHA256.HashData(
            [.. disk.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
