using System.Buffers.Binary;

namespace VMSeed.ImageBuilder.BootDisk;

// What grub-bios-setup does, without a device to do it on. The firmware loads the first sector; its
// code loads one more, whose number it finds in itself; that one, the first of the core image,
// loads the rest of the core by a list of runs at its own end, the last entry first.

/// <summary>Ties GRUB's boot sector and core image to the places where they lie.</summary>
internal static class BiosLoader
{
    private const int SectorSize = 512;

    // grub-core/boot/i386/pc/boot.S: GRUB_BOOT_MACHINE_KERNEL_SECTOR and _DRIVE_CHECK.
    private const int KernelSectorOffset = 0x5C;
    private const int DriveCheckOffset = 0x66;

    // grub-core/boot/i386/pc/diskboot.S: the last entry of the list, of 12 bytes: start, length in
    // sectors, segment in memory.
    private const int RunOffset = SectorSize - 12;

    // Where the sector behind the first goes: 0x8200, as in GRUB_BOOT_MACHINE_KERNEL_SEG.
    private const ushort LoadSegment = 0x820;

    private const byte NoOperation = 0x90;

    /// <summary>Bytes of a boot sector that are code: behind them come signatures and the partition
    /// table.</summary>
    public const int CodeLength = 440;

    /// <summary>Tells the boot sector where the core is.</summary>
    /// <param name="sector">The boot sector.</param>
    /// <param name="coreOffset">Where the core begins, in bytes.</param>
    /// <returns>Its code.</returns>
    public static byte[] TieBootSector(ReadOnlySpan<byte> sector, long coreOffset)
    {
        if (sector.Length != SectorSize)
        {
            throw new ImageBuilderException(
                ImageBuilderFault.Damaged,
                $"GRUB's boot.img has {sector.Length} bytes; a sector has {SectorSize}.");
        }

        byte[] code = sector[..CodeLength].ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(
            code.AsSpan(KernelSectorOffset), coreOffset / SectorSize);

        // A jump past code that distrusts the firmware's number of the drive: without it, firmware
        // that names a hard disk as if it were a floppy disk boots too.
        code.AsSpan(DriveCheckOffset, 2).Fill(NoOperation);
        return code;
    }

    /// <summary>Tells the core where its own rest is.</summary>
    /// <param name="core">The core image; changed, and lengthened to whole sectors.</param>
    /// <param name="coreOffset">Where it begins on the disk, in bytes.</param>
    /// <param name="room">Bytes that there are for it.</param>
    /// <returns>The core.</returns>
    public static byte[] TieCore(ReadOnlySpan<byte> core, long coreOffset, long room)
    {
        int sectors = (core.Length + SectorSize - 1) / SectorSize;
        if (core.Length <= SectorSize || (long)sectors * SectorSize > room)
        {
            throw new ImageBuilderException(
                ImageBuilderFault.Unsupported,
                $"GRUB's core image has {core.Length} bytes; from {SectorSize + 1} to {room} fit "
                + "before the boot partition.");
        }

        byte[] tied = new byte[sectors * SectorSize];
        core.CopyTo(tied);
        Span<byte> run = tied.AsSpan(RunOffset);
        BinaryPrimitives.WriteInt64LittleEndian(run, (coreOffset / SectorSize) + 1);
        BinaryPrimitives.WriteUInt16LittleEndian(run[8..], (ushort)(sectors - 1));
        BinaryPrimitives.WriteUInt16LittleEndian(run[10..], LoadSegment);
        return tied;
    }
}
