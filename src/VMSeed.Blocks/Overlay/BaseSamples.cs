using System.Buffers.Binary;
using System.Security.Cryptography;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>What stands for a base that has no identity of its own: its length, and some blocks of
/// it.</summary>
/// <remarks>
/// That finds another disk, and one that was partitioned or formatted anew; a local file that
/// somebody writes to behind the overlay's back it finds by luck only. A published image, and a
/// file of a web server with an ETag, are held to every byte instead.
/// </remarks>
internal static class BaseSamples
{
    // 64 KiB to read: a moment for any disk. Partition tables and superblocks are among the first.
    private const int Count = 16;
    private const int Size = 4096;

    internal static async ValueTask<ContentIdentity> IdentifyAsync(
        BlockDevice device, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(buffer, device.Length);
        hash.AppendData(buffer, 0, sizeof(long));
        long last = Math.Max(0, device.Length - Size);
        int length = (int)Math.Min(Size, device.Length);
        for (int i = 0; i < Count; i++)
        {
            long offset = last / (Count - 1) * i;
            await device.ReadAsync(offset, buffer.AsMemory(0, length), cancellationToken)
                .ConfigureAwait(false);
            hash.AppendData(buffer, 0, length);
        }

        string digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        return new ContentIdentity($"samples {digest}");
    }
}
