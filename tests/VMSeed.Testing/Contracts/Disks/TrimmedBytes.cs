using VMSeed.Testing.Devices;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What a trimmed byte may read as until it is written: what it was, zero, or what the
/// file below has made of a trim. Never what other bytes of the disk were.</summary>
internal static class TrimmedBytes
{
    internal static bool IsAllowed(byte value, byte before) =>
        value == before || value is 0 or Garbage.Value;

    internal static void Check(long offset, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        for (int i = 0; i < after.Length; i++)
        {
            if (!IsAllowed(after[i], before[i]))
            {
                Assert.Fail($"A trim has made {before[i]} at {offset + i} read as {after[i]}.");
            }
        }
    }
}
