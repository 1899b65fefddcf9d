using System.Buffers.Binary;
using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Writing;

// The first sector has the header, the extension that names the parent's format, and the place of
// the parent's name; that is written at once and last. The name itself goes where neither the old
// header nor the new one has anything. So a loss of power leaves the old parent or the new one.
//
// Extensions behind the first sector may not move then. Where they would, the names of features
// are left out, which programs only show when they refuse an image.

/// <summary>Notes another parent in an image's first cluster. Called under the disk's
/// gate.</summary>
internal sealed class Qcow2ParentWriter(BlockDevice file, Qcow2Header header)
{
    private const int SectorSize = 512;

    /// <summary>Writes, durably.</summary>
    /// <param name="name">How the image is to name its parent; null for none.</param>
    /// <param name="format">QEMU's word for the parent's format; null to leave it as it is.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <exception cref="DiskFormatException">There is no room for it.</exception>
    public async ValueTask WriteAsync(
        string? name, string? format, CancellationToken cancellationToken)
    {
        byte[] text = Encoding.UTF8.GetBytes(name ?? "");
        byte[] old = new byte[Math.Min(header.Geometry.ClusterSize, file.Length)];
        await file.ReadAsync(0, old, cancellationToken).ConfigureAwait(false);
        (int Offset, int Length) oldName = NameOf(old);
        int end = oldName.Length > 0 ? oldName.Offset : old.Length;
        var extensions = Qcow2ExtensionList.Read(old.AsSpan(header.HeaderLength..end));
        byte[] cluster = [.. old];
        int extensionsEnd = Lay(cluster, old, Change(extensions, text, format));
        int place = Find(
            text.Length,
            extensionsEnd,
            Math.Max(extensionsEnd, header.HeaderLength + extensions.Length),
            oldName);
        if (text.Length > MaxBackingLength || place > cluster.Length - text.Length)
        {
            throw NoRoom(text.Length);
        }

        text.CopyTo(cluster, place);
        BinaryPrimitives.WriteInt64BigEndian(
            cluster.AsSpan(BackingOffsetOffset), text.Length == 0 ? 0 : place);
        BinaryPrimitives.WriteInt32BigEndian(cluster.AsSpan(BackingLengthOffset), text.Length);
        if (place >= SectorSize)
        {
            await file.WriteAsync(place, text, cancellationToken).ConfigureAwait(false);
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await file.WriteAsync(
            0, cluster.AsMemory(0, Math.Min(SectorSize, cluster.Length)), cancellationToken)
            .ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static (int Offset, int Length) NameOf(ReadOnlySpan<byte> cluster) => (
        (int)BinaryPrimitives.ReadInt64BigEndian(cluster[BackingOffsetOffset..]),
        BinaryPrimitives.ReadInt32BigEndian(cluster[BackingLengthOffset..]));

    private static Qcow2ExtensionList Change(
        Qcow2ExtensionList extensions, byte[] name, string? format)
    {
        if (name.Length == 0)
        {
            return extensions.With(BackingFormatExtension, null);
        }

        return format is null
            ? extensions
            : extensions.With(BackingFormatExtension, Encoding.ASCII.GetBytes(format));
    }

    // Puts the extensions into the cluster, if no more than the first sector changes by it.
    private int Lay(byte[] cluster, byte[] old, Qcow2ExtensionList extensions)
    {
        foreach (Qcow2ExtensionList some in new[]
        {
            extensions, extensions.With(FeatureNamesExtension, null),
        })
        {
            byte[] bytes = some.ToBytes();
            int end = header.HeaderLength + bytes.Length;
            if (end > cluster.Length)
            {
                continue;
            }

            old.CopyTo(cluster, 0);
            bytes.CopyTo(cluster, header.HeaderLength);
            int first = Math.Min(SectorSize, end);
            if (cluster.AsSpan(first..end).SequenceEqual(old.AsSpan(first..end)))
            {
                return end;
            }
        }

        throw NoRoom(0);
    }

    // In the first sector, which is replaced as a whole, else where nothing is.
    private static int Find(
        int length, int extensionsEnd, int usedEnd, (int Offset, int Length) oldName)
    {
        if (extensionsEnd + length <= SectorSize)
        {
            return extensionsEnd;
        }

        int place = Math.Max(usedEnd, SectorSize);
        bool isTaken = oldName.Offset < place + length && oldName.Offset + oldName.Length > place;
        return isTaken ? oldName.Offset + oldName.Length : place;
    }

    private DiskFormatException NoRoom(int length) => DiskFormatException.Unsupported(
        $"The name of {length} bytes and the format of another parent have no room in the first "
        + $"{SectorSize} bytes of the qcow2 or behind the old name in its cluster of "
        + $"{header.Geometry.ClusterSize}; a name has at most {MaxBackingLength} bytes. Make the "
        + "image anew instead.");
}
