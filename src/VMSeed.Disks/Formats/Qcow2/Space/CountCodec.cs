using System.Buffers.Binary;

namespace VMSeed.Disks.Formats.Qcow2.Space;

/// <summary>Refcounts of 1 to 64 bits among the bytes of a refcount block.</summary>
/// <param name="order">The base 2 logarithm of their bits.</param>
internal sealed class CountCodec(int order)
{
    /// <summary>The largest refcount.</summary>
    public ulong Max { get; } = order == 6 ? ulong.MaxValue : (1UL << (1 << order)) - 1;

    /// <summary>The base 2 logarithm of how many refcounts a block of so many bytes has.</summary>
    public int PerBlockBits(int clusterBits) => clusterBits + 3 - order;

    /// <summary>Which byte of a block a refcount begins in.</summary>
    public int ByteOf(long index) => (int)(index << order >> 3);

    /// <summary>Bytes that hold a refcount; those of less than 8 bits share one.</summary>
    public int Width => Math.Max(1, 1 << order >> 3);

    /// <summary>Reads a refcount from the bytes that hold it.</summary>
    public ulong Read(ReadOnlySpan<byte> bytes, long index) => order switch
    {
        6 => BinaryPrimitives.ReadUInt64BigEndian(bytes),
        5 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        4 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        3 => bytes[0],
        _ => ((uint)bytes[0] >> Shift(index)) & Max,
    };

    /// <summary>Stores a refcount in the bytes that hold it, beside those that share
    /// them.</summary>
    public void Write(Span<byte> bytes, long index, ulong value)
    {
        switch (order)
        {
            case 6:
                BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
                break;
            case 5:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
                break;
            case 3:
                bytes[0] = (byte)value;
                break;
            default:
                int shift = Shift(index);
                bytes[0] = (byte)((bytes[0] & ~((int)Max << shift)) | ((int)value << shift));
                break;
        }
    }

    // The first refcount of a byte is in its lowest bits.
    private int Shift(long index) => (int)(index & ((8 >> order) - 1)) << order;
}
