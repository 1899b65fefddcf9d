namespace VMSeed.Tool.Running.Acceleration;

/// <summary>The smallest guest that tells a KVM that works from one that does not: a boot
/// sector.</summary>
/// <remarks>
/// <para>A virtual machine within another may have a /dev/kvm that opens, answers every question,
/// and then fails or crawls at instructions that each kernel executes while it starts. So the
/// sector walks the way of a kernel: protected mode, a return from an interrupt there, page tables,
/// 64 bits, a return from an interrupt again, a vector register. Only at the end of that way does
/// it write to the port of QEMU's "isa-debug-exit" device, which ends QEMU with the exit code
/// <see cref="Passed"/>.</para>
/// <para>The BIOS loads it to 0x7C00.</para>
/// </remarks>
internal static class KvmTrial
{
    /// <summary>The port that the sector writes to.</summary>
    public const string Port = "0xf4";

    /// <summary>QEMU ends with twice the value that was written, and one.</summary>
    public const int Passed = (2 * 16) + 1;

    // The BIOS asks for whole tracks of a disk.
    private const int DiskSize = 1024 * 1024;
    private const int SectorSize = 512;

    // Machine code, and what it does.
    private const string Code = """
        fa                               cli
        31c08ed8                         ds = 0
        660f0116d87c                     lgdt [table at 0x7CD8]
        0f20c00c010f22c0                 cr0 |= 1, protected mode
        66ea1b7c00000800                 jmp 8:0x7C1B
        b8100000008ed88ed0bc007c0000     ds = ss = 16, esp = 0x7C00
        9c6a0868327c0000                 push flags, 8, 0x7C32
        cf                               iret
        31c0                             eax = 0
        bf00000100b9000c000089fb         ebx = edi = 0x10000, ecx = 3072
        ba100000008ec2f3ab               es = 16, clear three page tables
        c70303100100                     first table: the second
        c7830010000003200100             second table: the third
        c7830020000083000000             third table: the first 2 MiB
        0f22db                           cr3 = ebx
        0f20e00d200200000f22e0           cr4 |= PAE, OSFXSR
        b9800000c00f320d000100000f30     EFER |= long mode
        0f20c083e0fb0d020000800f22c0     cr0 |= paging, monitor; no emulation
        ea947c00001800                   jmp 24:0x7C94
        6a1068007c00009c                 push ss, rsp, flags
        6a1868a57c0000                   push 24, 0x7CA5
        48cf                             iretq
        660fefc0660f7ec0                 eax = 0, by way of xmm0
        0410e6f4                         out 0xF4, 16
        f4ebfd                           hlt for ever
        0f1f4000                         (padding)
        0000000000000000                 table: nothing
        ffff0000009acf00                 8: code of 32 bits
        ffff00000092cf00                 16: data
        ffff0000009aaf00                 24: code of 64 bits
        1f00b87c0000                     its limit and address
        """;

    /// <summary>The whole disk that is booted.</summary>
    public static byte[] Disk()
    {
        byte[] disk = new byte[DiskSize];
        int end = 0;
        foreach (string line in Code.Split('\n'))
        {
            byte[] instructions = Convert.FromHexString(line.AsSpan(0, line.IndexOf(' ')));
            instructions.CopyTo(disk, end);
            end += instructions.Length;
        }

        (disk[SectorSize - 2], disk[SectorSize - 1]) = (0x55, 0xAA);
        return disk;
    }
}
