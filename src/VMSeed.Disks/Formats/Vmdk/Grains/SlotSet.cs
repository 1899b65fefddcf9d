namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>A set of numbers that lie close together: a bit each, in pieces that are made when they
/// are needed.</summary>
internal sealed class SlotSet
{
    private const int BitsPerPiece = 1 << 15;

    private readonly Dictionary<long, ulong[]> _pieces = [];

    /// <summary>Whether a number is in it.</summary>
    public bool Contains(long slot)
    {
        int bit = (int)(slot % BitsPerPiece);
        return _pieces.TryGetValue(slot / BitsPerPiece, out ulong[]? piece)
            && (piece[bit / 64] & (1UL << (bit % 64))) != 0;
    }

    /// <summary>Puts a number in.</summary>
    /// <returns>Whether it was not there yet.</returns>
    public bool Add(long slot)
    {
        if (!_pieces.TryGetValue(slot / BitsPerPiece, out ulong[]? piece))
        {
            piece = new ulong[BitsPerPiece / 64];
            _pieces.Add(slot / BitsPerPiece, piece);
        }

        int bit = (int)(slot % BitsPerPiece);
        ulong mask = 1UL << (bit % 64);
        if ((piece[bit / 64] & mask) != 0)
        {
            return false;
        }

        piece[bit / 64] |= mask;
        return true;
    }
}
