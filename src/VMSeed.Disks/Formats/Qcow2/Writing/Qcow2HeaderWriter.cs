using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Tables;

namespace VMSeed.Disks.Formats.Qcow2.Writing;

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
        header.Patch(sector);
        await files.File.WriteAsync(0, sector, cancellationToken).ConfigureAwait(false);
        _written = header;
    }
}
