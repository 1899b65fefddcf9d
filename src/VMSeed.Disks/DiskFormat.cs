namespace VMSeed.Disks;

/// <summary>A file format of virtual disks.</summary>
public enum DiskFormat
{
    /// <summary>The disk's bytes and nothing else.</summary>
    Raw = 0,

    /// <summary>VMware's VMDK, in all the shapes that its products write.</summary>
    Vmdk = 1,

    /// <summary>VirtualBox's VDI.</summary>
    Vdi = 2,

    /// <summary>Virtual PC's and Hyper-V's VHD.</summary>
    Vhd = 3,

    /// <summary>Hyper-V's VHDX ([MS-VHDX]).</summary>
    Vhdx = 4,

    /// <summary>Parallels' expandable image, alone or in its <c>.hdd</c> folder.</summary>
    Parallels = 5,

    /// <summary>QEMU's qcow2, versions 2 and 3.</summary>
    Qcow2 = 6,

    /// <summary>The compressed loop device's image, V2.0 and V4.0; read only.</summary>
    Cloop = 7,
}
