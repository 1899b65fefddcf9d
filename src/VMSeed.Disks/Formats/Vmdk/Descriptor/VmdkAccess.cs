namespace VMSeed.Disks.Formats.Vmdk.Descriptor;

/// <summary>What may be done to an extent.</summary>
internal enum VmdkAccess
{
    /// <summary><c>RW</c>.</summary>
    ReadWrite,

    /// <summary><c>RDONLY</c>.</summary>
    ReadOnly,

    /// <summary><c>NOACCESS</c>.</summary>
    None,
}
