namespace VMSeed.Disks.Formats.Vhd.Checking;

/// <summary>Bytes of a file that something occupies.</summary>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Block">The block that they are, with its bitmap; below 0: <see cref="Copy"/> and
/// so on.</param>
internal readonly record struct VhdArea(long Offset, long Length, long Block)
{
    public const long Copy = -1;
    public const long Header = -2;
    public const long Table = -3;
    public const long ParentName = -4;

    public long End => Offset + Length;

    public string Name => Block switch
    {
        Copy => "the copy of the footer",
        Header => "the header",
        Table => "the table",
        ParentName => "a name of the parent",
        _ => $"the block {Block}",
    };
}
