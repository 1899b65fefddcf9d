using System.Buffers;

namespace VMSeed.Disks.Formats.Qcow2.Packing;

/// <summary>A cluster as it is to be stored.</summary>
/// <param name="Buffer">Rented; holds the bytes, and more behind them. Null: all zeros.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="IsPacked">Whether they are compressed; otherwise they are the cluster.</param>
internal readonly record struct PackedCluster(byte[]? Buffer, int Length, bool IsPacked)
{
    /// <summary>A cluster that is not stored.</summary>
    public static PackedCluster Zeros => default;

    public ReadOnlyMemory<byte> Bytes => Buffer.AsMemory(0, Length);

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        if (Buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(Buffer);
        }
    }
}
