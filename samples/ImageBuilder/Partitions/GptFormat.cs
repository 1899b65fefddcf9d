namespace VMSeed.ImageBuilder.Partitions;

/// <summary>Sizes and offsets of a GPT (UEFI specification 2.10, section 5.3).</summary>
internal static class GptFormat
{
    public const int SectorSize = 512;

    public const int Revision = 0x00010000;

    public const int HeaderSize = 92;

    public const int EntrySize = 128;

    /// <summary>What every tool expects, and the least that the specification reserves room
    /// for.</summary>
    public const int EntryCount = 128;

    public const int ArraySize = EntryCount * EntrySize;

    public const int ArraySectors = ArraySize / SectorSize;

    /// <summary>Units of a name.</summary>
    public const int NameLength = 36;

    /// <summary>The first sector that a partition may have: behind boot sector, header and
    /// array.</summary>
    public const long FirstUsable = 2 + ArraySectors;

    public static ReadOnlySpan<byte> Signature => "EFI PART"u8;

    /// <summary>The last sector that a partition may have: before the second array and
    /// header.</summary>
    public static long LastUsable(long sectors) => sectors - 2 - ArraySectors;
}
