namespace VMSeed.Disks.Formats.Vhdx.Log;

/// <summary>The bytes of an entry of the log (2.3.1): a header of 64 bytes, descriptors behind it,
/// and a sector of 4 KiB for each page of data.</summary>
internal static class LogFormat
{
    /// <summary>"loge", "zero", "desc", "data", read as numbers.</summary>
    public const uint EntrySignature = 0x65676F6C;

    /// <inheritdoc cref="EntrySignature"/>
    public const uint ZeroSignature = 0x6F72657A;

    /// <inheritdoc cref="EntrySignature"/>
    public const uint DataDescriptorSignature = 0x63736564;

    /// <inheritdoc cref="EntrySignature"/>
    public const uint DataSignature = 0x61746164;

    public const int Sector = VhdxConstants.LogSector;
    public const int EntryHeaderLength = 64;
    public const int DescriptorLength = 32;

    // Of the header.
    public const int LengthOffset = 8;
    public const int TailOffset = 12;
    public const int SequenceOffset = 16;
    public const int CountOffset = 24;
    public const int LogIdOffset = 32;
    public const int FlushedLengthOffset = 48;
    public const int LastLengthOffset = 56;

    // Of a descriptor. A page's first 8 and last 4 bytes stand here, for in its sector they give
    // way to the signature and the number that tell whether the sector was written.
    public const int TrailingOffset = 4;
    public const int LeadingOffset = 8;
    public const int ZeroLengthOffset = 8;
    public const int FileOffsetOffset = 16;
    public const int DescriptorSequenceOffset = 24;

    // Of a data sector.
    public const int SequenceHighOffset = 4;
    public const int BodyOffset = 8;
    public const int BodyLength = 4084;
    public const int SequenceLowOffset = 4092;

    /// <summary>The longest log that is replayed, for it is in memory then: 32 MiB. Hyper-V's and
    /// QEMU's have 1 MiB.</summary>
    public const int GreatestReplayed = 32 << 20;

    /// <summary>The most ranges of zeros that are replayed: 16,384. Each is held against every page
    /// before it; what Hyper-V writes has a handful.</summary>
    public const int GreatestZeroCount = 16384;

    /// <summary>Entries that lie over each other can make a search read the log this often, and no
    /// more: 16 times. Those of one writer overlap only where it has come round.</summary>
    public const int GreatestSearch = 16;

    /// <summary>Sectors that so many descriptors take, the header before them.</summary>
    public static int HeadSectors(long descriptors) =>
        (int)((EntryHeaderLength + (descriptors * DescriptorLength) + Sector - 1) / Sector);
}
