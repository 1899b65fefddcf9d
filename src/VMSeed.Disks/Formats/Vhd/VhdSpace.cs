using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

// The footer has to be the file's last bytes, where new blocks go. It moves whenever the file
// grows, unordered with everything else: the copy at the beginning stands for it whenever a crash
// has left none at the end, to us as to Hyper-V and QEMU.

/// <summary>Where blocks of a growing VHD get their places.</summary>
/// <remarks>Called under the disk's gate.</remarks>
internal sealed class VhdSpace
{
    private readonly BlockDevice _file;
    private readonly FileTail _tail;
    private readonly SpaceRecycler _unused;
    private readonly int _blockSize;
    private readonly byte[] _bitmap;

    /// <summary>Space behind everything that is in use.</summary>
    /// <param name="file">The image's file.</param>
    /// <param name="parts">Its structures.</param>
    /// <param name="end">The first byte after everything that is in use.</param>
    /// <param name="unused">Where places go that were taken in vain.</param>
    public VhdSpace(BlockDevice file, VhdParts parts, long end, SpaceRecycler unused)
    {
        _file = file;
        _tail = new FileTail(file, end, parts.Footer.Bytes);
        _unused = unused;
        _blockSize = parts.Header!.BlockSize;
        _bitmap = new byte[parts.Header.BitmapLength];
        if (!parts.IsDifferencing)
        {
            Array.Fill(_bitmap, (byte)0xFF);
        }
    }

    /// <summary>Takes space for a block. Of a dynamic image its bitmap is already there: it says
    /// that all sectors are written, which is what everybody takes it to say.</summary>
    public async ValueTask<Place> TakeAsync(CancellationToken cancellationToken)
    {
        bool isUsed = _unused.TryTake(out long data);
        if (!isUsed)
        {
            data = await ExtendAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_bitmap[0] != 0)
        {
            await _file.WriteAsync(data - _bitmap.Length, _bitmap, cancellationToken)
                .ConfigureAwait(false);
        }

        return new Place(_file, data, IsNew: true, IsZero: !isUsed);
    }

    /// <summary>Takes space for a table; it reads as zeros.</summary>
    public ValueTask<long> TakeTableAsync(long length, CancellationToken cancellationToken) =>
        _tail.TakeAsync(FileTail.Align(length, SectorSize), SectorSize, cancellationToken);

    /// <summary>Puts back what <see cref="TakeAsync"/> gave.</summary>
    public void GiveBack(Place place) => _unused.GiveBack(place.Offset);

    /// <summary>Cuts the file behind its last block, and ends it with the footer.</summary>
    public ValueTask TrimAsync(CancellationToken cancellationToken) =>
        _tail.TrimAsync(cancellationToken);

    /// <summary>Ends the file with a footer; it is not flushed.</summary>
    public ValueTask EndWithAsync(VhdFooter footer, CancellationToken cancellationToken) =>
        _tail.ReplaceTrailerAsync(footer.Bytes, cancellationToken);

    // So that the data, not the bitmap before it, is aligned.
    private async ValueTask<long> ExtendAsync(CancellationToken cancellationToken)
    {
        int phase = PayloadAlignment - (_bitmap.Length % PayloadAlignment);
        long end = FileTail.Align(_tail.End, PayloadAlignment) + phase;
        if (end / SectorSize >= AbsentEntry)
        {
            throw new DiskFormatException(
                DiskFault.Full, $"The VHD's table cannot name a place as far as {end}.");
        }

        long offset = await _tail.TakeAsync(
            _bitmap.Length + (long)_blockSize, PayloadAlignment, cancellationToken, phase)
            .ConfigureAwait(false);
        return offset + _bitmap.Length;
    }
}
