using System.Globalization;
using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Headers;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Descriptor;

/// <summary>A descriptor where it lies: in a file of its own, or within a sparse extent.</summary>
/// <param name="file">The file.</param>
/// <param name="offset">Where in it the text begins; 0 in a file of its own.</param>
/// <param name="room">How long it may become where it lies within an extent, in bytes.</param>
/// <param name="current">The text.</param>
internal sealed class DescriptorFile(
    BlockDevice file, long offset, int room, VmdkDescriptor current)
{
    private VmdkDescriptor _current = current;

    public VmdkDescriptor Current => Volatile.Read(ref _current);

    public bool IsEmbedded => offset > 0;

    /// <summary>Gives the image another CID, so that children of what it was know that it has
    /// changed.</summary>
    /// <remarks>As many digits as there were, for nothing behind them may move.</remarks>
    public async ValueTask ChangeCidAsync(Guid id, CancellationToken cancellationToken)
    {
        if (Current.Find("CID") is not { Length: >= 1 and <= 8 } place)
        {
            return;
        }

        uint mask = (uint)((1UL << (4 * place.Length)) - 1);
        uint cid = VmdkParent.ToCid(id) & mask;
        cid ^= cid == Current.Cid ? 1U : 0U;
        byte[] text = [.. Current.Bytes];
        byte[] digits = Encoding.ASCII.GetBytes(
            cid.ToString("x" + place.Length, CultureInfo.InvariantCulture));
        digits.CopyTo(text, place.Offset);
        await file.WriteAsync(offset + place.Offset, digits, cancellationToken)
            .ConfigureAwait(false);
        if (Current.Find("ddb.longContentID") is { Length: 32 } longer && place.Length == 8)
        {
            digits.CopyTo(text, longer.Offset + 24);
            await file.WriteAsync(offset + longer.Offset + 24, digits, cancellationToken)
                .ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _current, VmdkDescriptor.Parse(text));
    }

    /// <summary>Notes another size of the only extent.</summary>
    /// <remarks>A digit more moves what follows. What counts lies in the first sector, which is
    /// written last and at once; a loss of power between the two leaves a line of the disk data
    /// base that nobody reads as it was meant.</remarks>
    public async ValueTask ResizeAsync(long sectors, CancellationToken cancellationToken)
    {
        byte[] old = Current.Bytes;
        ReadOnlySpan<byte> line = old.AsSpan(Current.ExtentsOffset);
        int start = Current.ExtentsOffset + line.IndexOfAnyInRange((byte)'0', (byte)'9');
        int end = start + old.AsSpan(start).IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        byte[] digits = Encoding.ASCII.GetBytes(sectors.ToString(CultureInfo.InvariantCulture));
        byte[] text = [.. old[..start], .. digits, .. old[end..]];
        if (IsEmbedded && text.Length > room)
        {
            throw new NotSupportedException(
                $"The VMDK's descriptor of {text.Length} bytes has room for {room}.");
        }

        // Where it has become shorter, NULs follow in an extent, and the end of a file.
        byte[] whole = new byte[Math.Max(text.Length, IsEmbedded ? old.Length : 0)];
        text.CopyTo(whole, 0);
        if (!IsEmbedded && file.Length != whole.Length)
        {
            await file.SetLengthAsync(whole.Length, cancellationToken).ConfigureAwait(false);
        }

        if (whole.Length > SectorSize)
        {
            await file.WriteAsync(
                offset + SectorSize, whole.AsMemory(SectorSize), cancellationToken)
                .ConfigureAwait(false);
        }

        await file.WriteAsync(
            offset, whole.AsMemory(0, Math.Min(SectorSize, whole.Length)), cancellationToken)
            .ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _current, VmdkDescriptor.Parse(text));
    }

    /// <summary>Replaces the text.</summary>
    /// <remarks>Within an extent, a text of several sectors is written behind the old one first,
    /// where the header, in one write of a sector, then points until it stands in its own place: a
    /// loss of power leaves the old text or the new one. A file of its own is written at once, and
    /// has nothing that could point elsewhere.</remarks>
    public async ValueTask ReplaceAsync(byte[] text, CancellationToken cancellationToken)
    {
        int length = Math.Max(Sectors(text.Length), Sectors(Current.Bytes.Length)) * SectorSize;
        if (!IsEmbedded)
        {
            await file.SetLengthAsync(Math.Max(text.Length, file.Length), cancellationToken)
                .ConfigureAwait(false);
            await file.WriteAsync(0, text, cancellationToken).ConfigureAwait(false);
            await file.SetLengthAsync(text.Length, cancellationToken).ConfigureAwait(false);
        }
        else if (length == SectorSize)
        {
            await WriteAsync(offset, text, length, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            int aside = Sectors(text.Length) * SectorSize;
            if (length + aside > room)
            {
                throw DiskFormatException.Unsupported(
                    $"The VMDK's descriptor has room for {room} bytes; its old text and the new "
                    + $"one of {text.Length} do not fit it together. Make the image anew instead.");
            }

            await WriteAsync(offset + length, text, aside, cancellationToken)
                .ConfigureAwait(false);
            await PointAsync(offset + length, aside).ConfigureAwait(false);
            await WriteAsync(offset, text, length, CancellationToken.None).ConfigureAwait(false);
            await PointAsync(offset, room).ConfigureAwait(false);
            await WriteAsync(offset + length, [], aside, CancellationToken.None)
                .ConfigureAwait(false);
        }

        await file.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        Volatile.Write(ref _current, VmdkDescriptor.Parse(text));
    }

    private static int Sectors(int length) => (length + SectorSize - 1) / SectorSize;

    private async ValueTask WriteAsync(
        long at, byte[] text, int length, CancellationToken cancellationToken)
    {
        byte[] sectors = new byte[length];
        text.CopyTo(sectors, 0);
        await file.WriteAsync(at, sectors, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    // The header is the file's first sector.
    private async ValueTask PointAsync(long at, int length)
    {
        byte[] header = new byte[SparseHeader.Length];
        await file.ReadAsync(0, header).ConfigureAwait(false);
        SparseHeader.PutDescriptor(header, at / SectorSize, length / SectorSize);
        await file.WriteAsync(0, header).ConfigureAwait(false);
        await file.FlushAsync().ConfigureAwait(false);
    }
}
