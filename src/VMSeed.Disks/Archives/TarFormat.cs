namespace VMSeed.Disks.Archives;

/// <summary>Where things lie in a tar archive (GNU tar's manual, "Basic Tar Format", and
/// POSIX.1-2001, pax).</summary>
internal static class TarFormat
{
    /// <summary>Everything is counted in these.</summary>
    public const int Block = 512;

    /// <summary>An archive ends at a multiple of this: 20 blocks.</summary>
    public const int Record = 20 * Block;

    public const int NameLength = 100;

    public const int ModeOffset = 100;
    public const int UserOffset = 108;
    public const int GroupOffset = 116;
    public const int SizeOffset = 124;
    public const int ModifiedOffset = 136;
    public const int ChecksumOffset = 148;
    public const int ChecksumLength = 8;
    public const int TypeOffset = 156;
    public const int MagicOffset = 257;

    /// <summary>A number, octal with a space or a zero byte behind it; or, with the first bit set,
    /// binary.</summary>
    public const int NumberLength = 12;

    /// <summary>In a header of the old GNU format: where the map begins.</summary>
    public const int MapOffset = 386;

    /// <summary>Entries of the map that a header has room for.</summary>
    public const int MapEntries = 4;

    /// <summary>Behind them: whether a block with more follows.</summary>
    public const int IsExtendedOffset = 482;

    /// <summary>The file's size with its holes.</summary>
    public const int RealSizeOffset = 483;

    /// <summary>Entries of a block that goes on with a map.</summary>
    public const int ExtensionEntries = 21;

    public const int ExtensionIsExtendedOffset = 504;

    /// <summary>Bytes of an entry: two numbers.</summary>
    public const int EntryLength = 2 * NumberLength;

    /// <summary>The most entries of a map that is read: a million, 24 MiB of memory, and a disk
    /// whose every fourth page is a hole has 16 GiB with them.</summary>
    public const int MaxEntries = 1 << 20;

    /// <summary>The most members that are passed over to find one.</summary>
    public const int MaxMembers = 100_000;

    /// <summary>The most bytes of an extended header: as GNU tar's own limit, 1 MiB.</summary>
    public const int MaxExtendedHeader = 1 << 20;

    public const byte Regular = (byte)'0';
    public const byte RegularOld = 0;
    public const byte Contiguous = (byte)'7';
    public const byte OldSparse = (byte)'S';
    public const byte Extended = (byte)'x';
    public const byte LongName = (byte)'L';

    public static ReadOnlySpan<byte> Magic => "ustar"u8;

    /// <summary>GNU's own: a space in place of POSIX's version.</summary>
    public static ReadOnlySpan<byte> GnuMagic => "ustar  \0"u8;

    public static long RoundUp(long bytes) => checked(bytes + Block - 1) / Block * Block;
}
