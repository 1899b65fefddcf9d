namespace VMSeed.Disks.Formats.Qcow2.Tables;

/// <summary>An L2 entry as it stands in its table.</summary>
/// <param name="Offset">Where in the file; 0 where there is no table yet.</param>
/// <param name="Word">Where the cluster lies, and its flags.</param>
/// <param name="Bits">Extended entries: which subclusters are stored, and above them which are
/// zeros.</param>
internal readonly record struct L2Entry(long Offset, ulong Word, ulong Bits)
{
    /// <summary>All subclusters zeros.</summary>
    public const ulong AllZero = 0xFFFF_FFFF_0000_0000;
}
