using System.Buffers.Binary;
using System.Security.Cryptography;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Testing.Samples;

/// <summary>Digests of what a device holds.</summary>
/// <remarks>
/// SHA-256 of ten gibibytes of zeros takes ten seconds whatever one does. The digest of the pages
/// does without: it takes the offset (eight bytes, little-endian) and the bytes of each page of
/// 4 KiB that holds anything but zeros. With the length, it tells the same.
/// </remarks>
public static class DiskDigest
{
    private const int Page = 4096;
    private const int BufferLength = 1 << 20;

    private static readonly byte[] s_zeros = new byte[BufferLength];

    /// <summary>The SHA-256 of all bytes, in hexadecimal digits.</summary>
    public static async Task<string> WholeAsync(BlockDevice device)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferLength];
        await foreach (Extent extent in device.ExtentsAsync(0, device.Length))
        {
            for (long at = extent.Offset; at < extent.End; at += BufferLength)
            {
                int count = (int)Math.Min(BufferLength, extent.End - at);
                if (extent.Kind != ExtentKind.Zero)
                {
                    await device.ReadAsync(at, buffer.AsMemory(0, count));
                }

                hash.AppendData(extent.Kind == ExtentKind.Zero ? s_zeros : buffer, 0, count);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The SHA-256 of the pages that are not zero, in hexadecimal digits.</summary>
    public static async Task<string> PagesAsync(BlockDevice device)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferLength];
        long next = 0;
        await foreach (Extent extent in device.ExtentsAsync(0, device.Length))
        {
            if (extent.Kind == ExtentKind.Zero)
            {
                continue;
            }

            // Extents need not begin and end with pages; two may lie in one.
            long end = Math.Min(device.Length, (extent.End + Page - 1) / Page * Page);
            for (next = Math.Max(next, extent.Offset / Page * Page); next < end;)
            {
                int count = (int)Math.Min(BufferLength, end - next);
                await device.ReadAsync(next, buffer.AsMemory(0, count));
                Append(hash, buffer.AsSpan(0, count), next);
                next += count;
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes, long offset)
    {
        Span<byte> place = stackalloc byte[8];
        for (int at = 0; at < bytes.Length; at += Page)
        {
            ReadOnlySpan<byte> page = bytes.Slice(at, Math.Min(Page, bytes.Length - at));
            if (page.ContainsAnyExcept((byte)0))
            {
                BinaryPrimitives.WriteInt64LittleEndian(place, offset + at);
                hash.AppendData(place);
                hash.AppendData(page);
            }
        }
    }
}
