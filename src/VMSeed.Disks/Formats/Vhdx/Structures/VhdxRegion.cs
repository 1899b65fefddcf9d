namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>A region of the file (2.2.3.2).</summary>
/// <param name="Id">What is in it.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsRequired">Whether a reader must know it.</param>
internal readonly record struct VhdxRegion(Guid Id, long Offset, long Length, bool IsRequired)
{
    public long End => Offset + Length;
}
