namespace VMSeed.Disks.Formats.Vhdx.Tables;

/// <summary>What an entry of the block allocation table says of its block (2.5.1).</summary>
internal enum BlockState
{
    /// <summary>Zeros, or the parent's. The only other state of a bitmap's entry is
    /// <see cref="Present"/>.</summary>
    NotPresent = 0,

    /// <summary>Anything; read as zeros. A place that it may name is only a hint.</summary>
    Undefined = 1,

    /// <summary>Zeros, whatever a parent has.</summary>
    Zero = 2,

    /// <summary>Trimmed; read as zeros. A place that it may name is only a hint.</summary>
    Unmapped = 3,

    /// <summary>All bytes are in the file.</summary>
    Present = 6,

    /// <summary>The sector bitmap says which bytes are in the file; differencing disks
    /// only.</summary>
    Partial = 7,
}
