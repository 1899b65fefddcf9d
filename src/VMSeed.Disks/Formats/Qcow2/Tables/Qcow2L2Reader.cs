using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Tables;

// An extended entry is two words: where the cluster lies, and which of its 32 subclusters are
// stored (low half) or zeros (high half). Readers have no lock, so they read the second word around
// the first until both readings agree. Writers keep the words readable on the way: the place is
// written before the bits that rely on it, and taken away after them.

/// <summary>Reads entries of L2 tables.</summary>
/// <param name="geometry">The image's sizes.</param>
/// <param name="hasZeroFlag">Whether bit 0 of an entry means zeros: since version 3.</param>
/// <param name="hasDataFile">Whether entries are places in a data file, of which 0 is one.</param>
internal sealed class Qcow2L2Reader(Qcow2Geometry geometry, bool hasZeroFlag, bool hasDataFile)
{
    private const int MostLooks = 1000;

    /// <summary>What an entry says.</summary>
    /// <param name="page">The page that holds the entry.</param>
    /// <param name="at">Where in the page the entry begins.</param>
    /// <param name="start">The first byte of the cluster that is asked about.</param>
    public Qcow2Cell Read(TablePage page, int at, int start)
    {
        if (geometry.IsExtended)
        {
            return ReadExtended(page, at, start);
        }

        ulong entry = BinaryPrimitives.ReadUInt64BigEndian(page.Bytes.AsSpan(at));
        long reach = geometry.ClusterSize - start;
        if ((entry & CompressedFlag) != 0)
        {
            return Packed(entry, reach);
        }

        if ((entry & ZeroFlag) != 0 && hasZeroFlag)
        {
            return new(RunKind.Zero, reach);
        }

        return HasPlace(entry)
            ? new(RunKind.Data, reach, Place(entry) + start, IsShared(entry))
            : new(RunKind.Parent, reach);
    }

    /// <summary>Whether an entry names a cluster.</summary>
    public bool HasPlace(ulong entry) => (entry & OffsetMask) != 0
        || (hasDataFile && (entry & CopiedFlag) != 0);

    /// <summary>The cluster that an entry names.</summary>
    public long Place(ulong entry)
    {
        long offset = (long)(entry & OffsetMask);
        return (offset & (geometry.ClusterSize - 1)) == 0
            ? offset
            : throw DiskFormatException.Corrupt(
                $"The qcow2 has an L2 entry 0x{entry:X16}, whose offset {offset} is not at the "
                + $"beginning of a cluster of {geometry.ClusterSize} bytes.");
    }

    private bool IsShared(ulong entry) => (entry & CopiedFlag) == 0 && !hasDataFile;

    private Qcow2Cell Packed(ulong entry, long reach) => hasDataFile
        ? throw DiskFormatException.Corrupt(
            $"The qcow2 has a compressed cluster 0x{entry:X16}, and a data file, where it cannot "
            + "be.")
        : new(RunKind.Packed, reach, (long)(entry & (CompressedFlag - 1)));

    private Qcow2Cell ReadExtended(TablePage page, int at, int start)
    {
        for (int look = 0; look < MostLooks; look++)
        {
            ulong bits = Word(page, at + 8);
            ulong entry = Word(page, at);
            if (Word(page, at + 8) != bits)
            {
                continue;
            }

            if ((entry & CompressedFlag) != 0)
            {
                return Packed(entry, geometry.ClusterSize - start);
            }

            uint stored = (uint)bits;
            if (stored == 0 || HasPlace(entry))
            {
                return ReadSubclusters(entry, stored, (uint)(bits >> 32), start);
            }
        }

        throw DiskFormatException.Corrupt(
            $"The qcow2 has an L2 entry in the page at {page.Offset} with stored subclusters and "
            + "no cluster.");
    }

    private Qcow2Cell ReadSubclusters(ulong entry, uint stored, uint zero, int start)
    {
        if ((stored & zero) != 0)
        {
            throw DiskFormatException.Corrupt(
                $"The qcow2 has subclusters 0x{stored & zero:X8} that are both stored and zeros.");
        }

        int first = start / geometry.UnitSize;
        (RunKind kind, uint alike) = (stored >> first & 1) != 0 ? (RunKind.Data, stored)
            : (zero >> first & 1) != 0 ? (RunKind.Zero, zero)
            : (RunKind.Parent, ~(stored | zero));
        int last = first + BitOperations.TrailingZeroCount(~((ulong)alike >> first));
        long reach = ((long)last * geometry.UnitSize) - start;
        return kind == RunKind.Data
            ? new(kind, reach, Place(entry) + start, IsShared(entry))
            : new(kind, reach);
    }

    private static ulong Word(TablePage page, int at) => BinaryPrimitives.ReverseEndianness(
        Volatile.Read(ref MemoryMarshal.AsRef<ulong>(
            page.Bytes.AsSpan(at, sizeof(ulong)))));
}
