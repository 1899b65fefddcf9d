using System.Buffers.Binary;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>Changes fields of an image as no sound program would, with checksums that
/// hold.</summary>
internal static class VhdSurgery
{
    public const int TableOffset = 0x600;

    /// <summary>Makes both footers say another size.</summary>
    public static void Resize(byte[] image, long size)
    {
        foreach (int footer in new[] { 0, image.Length - 512 })
        {
            BinaryPrimitives.WriteInt64BigEndian(image.AsSpan(footer + 48), size);
            SealFooter(image, footer);
        }
    }

    public static void SealFooter(byte[] image, int footer) => Seal(image, footer, 512, 64);

    public static void SealHeader(byte[] image) => Seal(image, 512, 1024, 36);

    private static void Seal(byte[] image, int start, int length, int checksumAt)
    {
        Span<byte> bytes = image.AsSpan(start, length);
        bytes.Slice(checksumAt, 4).Clear();
        uint sum = 0;
        foreach (byte value in bytes)
        {
            sum += value;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes[checksumAt..], ~sum);
    }
}
