using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>Where blocks of a VDI get their places: numbers that were lost, then new
/// ones.</summary>
/// <remarks>Called under the disk's gate.</remarks>
internal sealed class VdiSpace
{
    private readonly BlockDevice _file;
    private VdiHeader _header;
    private readonly FileTail _tail;
    private readonly SpaceRecycler _unused;

    /// <summary>Space of an image.</summary>
    /// <param name="file">The image's file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="survey">Which numbers are in use.</param>
    /// <param name="unused">Where places go that are free though they lie before others.</param>
    public VdiSpace(
        BlockDevice file, VdiHeader header, VdiSurvey survey, SpaceRecycler unused)
    {
        (_file, _header, _unused) = (file, header, unused);
        Count = survey.End;
        _tail = new FileTail(file, header.DataOffset + (Count * header.Stride));
        foreach (int hole in survey.Holes)
        {
            unused.GiveBack(header.PlaceOf((uint)hole));
        }
    }

    /// <summary>How many blocks have storage, by what the header is to say: VirtualBox takes it for
    /// the next free number.</summary>
    public int Count { get; private set; }

    public async ValueTask<Place> TakeAsync(CancellationToken cancellationToken)
    {
        if (_unused.TryTake(out long used))
        {
            return new Place(_file, used, IsNew: true, IsZero: false);
        }

        if (Count >= _header.BlockCount)
        {
            throw DiskFormatException.Corrupt(
                $"The VDI has {_header.BlockCount} blocks, and storage for {Count} of them is "
                + "taken.");
        }

        long offset = await _tail.TakeAsync(_header.Stride, 1, cancellationToken)
            .ConfigureAwait(false);
        Count++;
        return new Place(_file, offset + _header.BlockExtra, IsNew: true, IsZero: true);
    }

    /// <summary>Goes on with a header that has more blocks.</summary>
    public void Use(VdiHeader header) => _header = header;

    public void GiveBack(Place place) => _unused.GiveBack(place.Offset);

    public ValueTask TrimAsync(CancellationToken cancellationToken) =>
        _tail.TrimAsync(cancellationToken);
}
