using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Reading.Flights;

/// <summary>Frames of one pack, near enough to one another to be asked for together.</summary>
internal sealed class FrameRun(PackRecord pack)
{
    public PackRecord Pack => pack;

    /// <summary>The frames in the order of their offsets, each with the flights that wait for
    /// it.</summary>
    public List<(FrameRecord Frame, List<BlockFlight> Flights)> Frames { get; } = [];

    /// <summary>Whether a reader waits for any of it.</summary>
    public bool IsWanted => Frames.Exists(f => f.Flights.Exists(flight => flight.Wanted));

    public long Offset => Frames[0].Frame.Offset;

    public long End => Frames[^1].Frame.Offset + Frames[^1].Frame.StoredLength;
}
