using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

// A crash can lose some entries of a commit and keep others: then there are numbers that no block
// has, below ones that blocks have, and no count is right, for it says both how many blocks have
// storage (qemu-img check) and which number is free (VirtualBox). So the last blocks move into the
// holes, as VirtualBox itself does when it discards. The order: their bytes, flush, their entries,
// flush; a crash between leaves the holes as they were.

/// <summary>Brings an image in order that a crash has left, before anybody uses it.</summary>
internal static class VdiRecovery
{
    /// <summary>The most bytes that are moved: 64 MiB, under a second. What a crash loses is less
    /// than a commit; an image with more holes was made so, and new blocks will fill
    /// them.</summary>
    private const long MaxMoved = 64L << 20;

    /// <summary>Moves the last blocks into the holes, durably.</summary>
    /// <returns>Whether anything was moved: the survey is then out of date.</returns>
    public static async ValueTask<bool> CompactAsync(
        BlockDevice file,
        VdiHeader header,
        VdiSurvey survey,
        TablePages tables,
        CancellationToken cancellationToken)
    {
        Queue<int> holes = new(survey.Holes.TakeWhile(hole => hole < survey.Mapped));
        if (holes.Count == 0 || holes.Count * header.Stride > MaxMoved)
        {
            return false;
        }

        List<(long At, uint Number)> moved = [];
        byte[] block = new byte[header.BlockSize];
        for (long at = header.MapOffset; holes.Count > 0; at += sizeof(uint))
        {
            TablePage page = await tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
            uint number = page.ReadUInt32LittleEndian((int)(at - page.Offset));
            if (number < ZeroEntry && number >= (uint)survey.Mapped)
            {
                uint hole = (uint)holes.Dequeue();
                await file.ReadAsync(header.PlaceOf(number), block, cancellationToken)
                    .ConfigureAwait(false);
                await file.WriteAsync(header.PlaceOf(hole), block, cancellationToken)
                    .ConfigureAwait(false);
                moved.Add((at, hole));
            }
        }

        foreach ((long at, uint number) in moved)
        {
            byte[] entry = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(entry, number);
            await tables.WriteAsync(at, entry, VdiMap.EntryRank, cancellationToken)
                .ConfigureAwait(false);
        }

        await tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }
}
