using System.Globalization;
using System.Text;
using VMSeed.Blocks;
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
}
