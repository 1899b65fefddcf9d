using System.Security.Cryptography;

namespace VMSeed.Blocks.Reading;

/// <summary>Chance for delays, where no test puts its own in.</summary>
internal static class Jitter
{
    /// <summary>A number from 0 to 1; safe for many threads.</summary>
    public static double Next() =>
        RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
