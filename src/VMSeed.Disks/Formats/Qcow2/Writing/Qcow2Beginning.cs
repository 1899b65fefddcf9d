using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Writing;

// A cluster is taken for free when its refcount is 0. So before the first change the refcounts have
// to be believed: an image that was left dirty has them counted anew, and one whose own tables are
// not counted is refused, for a new cluster could overwrite them.

/// <summary>Makes an image fit to be written, before the first change of a session. Called under
/// the disk's gate.</summary>
/// <param name="files">The image.</param>
/// <param name="lookup">Reads L1 entries.</param>
/// <param name="space">Its refcounts.</param>
/// <param name="commit">Makes changes durable.</param>
/// <param name="repair">Counts anew what points at each cluster; throws where it cannot.</param>
internal sealed class Qcow2Beginning(
    Qcow2Files files,
    Qcow2Lookup lookup,
    Qcow2Space space,
    Qcow2Commit commit,
    Func<CancellationToken, ValueTask> repair)
{
    private const ulong BitmapsAutoclear = 1;

    private readonly Qcow2Geometry _geometry = files.Header.Geometry;

    /// <summary>Checks, repairs, and makes it durable.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        Refuse();
        await LengthenAsync(cancellationToken).ConfigureAwait(false);
        if (files.Header.IsDirty)
        {
            await repair(cancellationToken).ConfigureAwait(false);
        }

        await CheckOwnTablesAsync(cancellationToken).ConfigureAwait(false);
        ulong kept = files.Header.Autoclear & (files.Header.HasDataFile ? RawDataAutoclear : 0);
        if (files.Header.Autoclear != kept)
        {
            files.Header = files.Header with { Autoclear = kept };
            await commit.WriteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Refuse()
    {
        if (files.Header.IsCorrupt)
        {
            throw DiskFormatException.Corrupt(
                "The qcow2 is marked as corrupt; nothing is written to it before CheckAsync has "
                + "repaired it.");
        }

        if ((files.Header.Autoclear & BitmapsAutoclear) != 0)
        {
            throw DiskFormatException.Unsupported(
                "The qcow2 has bitmaps of what its guest has changed, which are not kept up to "
                + "date here; remove them first, or write to an image over it.");
        }
    }

    // The last cluster of a file may be cut short; and a data file is as long as its disk.
    private async ValueTask LengthenAsync(CancellationToken cancellationToken)
    {
        long whole = _geometry.Clusters(files.File.Length) << _geometry.ClusterBits;
        if (files.File.Length < whole)
        {
            await files.File.SetLengthAsync(whole, cancellationToken).ConfigureAwait(false);
        }

        if (files.Data != files.File && files.Data.Length < files.Header.Size)
        {
            await files.Data.SetLengthAsync(files.Header.Size, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask CheckOwnTablesAsync(CancellationToken cancellationToken)
    {
        Qcow2Header header = files.Header;
        await CheckAsync(0, 1, "header", cancellationToken).ConfigureAwait(false);
        long table = (long)header.CountTableClusters << _geometry.ClusterBits;
        await CheckAsync(header.CountTableOffset, table, "refcount table", cancellationToken)
            .ConfigureAwait(false);
        await CheckAsync(header.L1Offset, header.L1Size * 8L, "L1 table", cancellationToken)
            .ConfigureAwait(false);
        for (long number = 0; number < table / 8; number++)
        {
            long block = await space.Counts.BlockAsync(number, cancellationToken)
                .ConfigureAwait(false);
            await CheckAsync(block, block == 0 ? 0 : 1, "refcount block", cancellationToken)
                .ConfigureAwait(false);
        }

        for (int i = 0; i < header.L1Size; i++)
        {
            long at = header.L1Offset + (i * 8L);
            TablePage page = await files.Tables.GetAsync(at, cancellationToken)
                .ConfigureAwait(false);
            long l2 = lookup.L2Offset(page.ReadUInt64BigEndian((int)(at - page.Offset)));
            await CheckAsync(l2, l2 == 0 ? 0 : 1, "L2 table", cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask CheckAsync(
        long offset, long length, string what, CancellationToken cancellationToken)
    {
        for (long at = offset; at < offset + length; at += _geometry.ClusterSize)
        {
            long cluster = at >> _geometry.ClusterBits;
            if (await space.Counts.GetAsync(cluster, cancellationToken).ConfigureAwait(false) == 0)
            {
                throw DiskFormatException.Corrupt(
                    $"The qcow2 has its {what} at {at}, and counts that cluster as free; nothing "
                    + "is written to it before CheckAsync has repaired it.");
            }
        }
    }
}
