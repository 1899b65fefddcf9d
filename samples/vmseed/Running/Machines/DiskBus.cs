namespace VMSeed.Tool.Running.Machines;

/// <summary>How a guest sees its disk.</summary>
internal enum DiskBus
{
    /// <summary>The quickest; every Linux and BSD of today knows it.</summary>
    Virtio,

    /// <summary>AHCI, which systems know that nobody has prepared for virtual machines.</summary>
    Sata,
}
