using System.Buffers.Binary;
using VMSeed.Disks.Formats.Qcow2.Tables;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>Writes what has changed of a header: its first sector, in one write that power loss
/// leaves done or not done. Called under the disk's gate.</summary>
internal sealed class Qcow2HeaderWriter(Qcow2Files files)
{
    private const int SectorSize = 512;

    private Qcow2Header _written = files.Header;

    /// <summary>Whether the file has another header than the image.</summary>
    public bool IsDirty => !ReferenceEquals(_written, files.Header);

    /// <summary>Writes the header; not durable before the next flush.</summary>
    public async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        Qcow2Header header = files.Header;
        byte[] sector = new byte[Math.Min(SectorSize, files.File.Length)];
        await files.File.ReadAsync(0, sector, cancellationToken).ConfigureAwait(false);
        Patch(header, sector);
        await files.File.WriteAsync(0, sector, cancellationToken).ConfigureAwait(false);
        _written = header;
    }

    /// <summary>Puts the fields of a header that can change into its first sector.</summary>
    public static void Patch(Qcow2Header header, Span<byte> sector)
    {
        BinaryPrimitives.WriteInt64BigEndian(sector[SizeOffset..], header.Size);
        BinaryPrimitives.WriteInt32BigEndian(sector[L1SizeOffset..], header.L1Size);
        BinaryPrimitives.WriteInt64BigEndian(sector[L1OffsetOffset..], header.L1Offset);
        BinaryPrimitives.WriteInt64BigEndian(
            sector[CountTableOffsetOffset..], header.CountTableOffset);
        BinaryPrimitives.WriteInt32BigEndian(
            sector[CountTableClustersOffset..], header.CountTableClusters);
        if (header.Version >= 3)
        {
            BinaryPrimitives.WriteUInt64BigEndian(
                sector[IncompatibleOffset..], (ulong)header.Incompatible);
            BinaryPrimitives.WriteUInt64BigEndian(sector[CompatibleOffset..], header.Compatible);
            BinaryPrimitives.WriteUInt64BigEndian(sector[AutoclearOffset..], header.Autoclear);
        }
    }
}
