using System.Buffers.Binary;
using System.Numerics;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Headers;

/// <summary>The header of an ESX sparse extent ("COWD", <c>VMFSSPARSE</c>); offsets and sizes are
/// in sectors.</summary>
internal sealed record CowdHeader(long Capacity, int GrainSectors, long Directory, long TableCount)
{
    public const int Length = 2048;

    public const uint Magic = 0x44574F43;

    /// <summary>Entries of a table: 4096, always.</summary>
    public const int EntriesPerTable = 4096;

    public int GrainSize => GrainSectors * SectorSize;

    public static bool Recognizes(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= sizeof(uint) && UInt32(bytes, 0) == Magic;

    /// <summary>Reads a header.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or is of another
    /// version.</exception>
    public static CowdHeader Parse(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length >= 32 && Recognizes(bytes), "it does not begin with COWD");
        if (UInt32(bytes, 4) != 1)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK's COWD extent has version {UInt32(bytes, 4)}; 1 is read.");
        }

        uint grain = UInt32(bytes, 16);
        Require(
            grain is >= 1 and <= GreatestGrainSectors && BitOperations.IsPow2(grain),
            $"its grain of {grain} sectors is not a power of two up to {GreatestGrainSectors}");
        long capacity = UInt32(bytes, 12);
        long coverage = (long)grain * EntriesPerTable;
        long count = (capacity + coverage - 1) / coverage;
        Require(
            UInt32(bytes, 24) >= count,
            $"its directory has {UInt32(bytes, 24)} entries, and its disk {count} tables");
        return new CowdHeader(capacity, (int)grain, UInt32(bytes, 20), count);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt(
                $"The header of the VMDK's COWD extent is wrong: {otherwise}.");
        }
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
