using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Flights;

/// <summary>One block on its way: from the cache or the network to all who wait for it.</summary>
/// <remarks>
/// The flight holds a reference to the bytes until it is closed, and a reader joins only while the
/// flight is listed, so the bytes outlive every copy; readers hold a reference of their own from
/// the moment of joining, because the flight may close before they wake.
/// </remarks>
internal sealed class BlockFlight(IndexLeaf leaf, int place, int length, ReadPurpose purpose)
{
    private readonly TaskCompletionSource _landing =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _references = 1;
    private BlockBuffer? _buffer;

    public IndexLeaf Leaf => leaf;

    public int Place => place;

    public int Length => length;

    /// <summary>Why the flight began; a foreground reader that joins does not change it.</summary>
    public ReadPurpose Purpose => purpose;

    public BlockRecord Block => leaf.Table.Blocks[place];

    public FrameRecord Frame => leaf.Table.Frames[Block.Frame];

    public PackRecord Pack => leaf.Table.Packs[Frame.Pack];

    public Digest Digest => Block.Digest;

    public ResidentBlock Resident { get; } = new();

    /// <summary>Whether a reader waits for what began as a prefetch.</summary>
    public bool Wanted { get; private set; } = purpose == ReadPurpose.Foreground;

    /// <summary>Whether the bytes have been verified and handed out.</summary>
    public bool HasLanded => _landing.Task.IsCompletedSuccessfully;

    /// <summary>Done when the bytes have been verified; fails with why they cannot be
    /// had.</summary>
    public Task Landing => _landing.Task;

    /// <summary>The bytes, after <see cref="Landing"/>, for whoever has joined and not
    /// left.</summary>
    public BlockBuffer Bytes => _buffer!;

    /// <summary>Joins; the caller holds the list's lock and leaves when it has copied.</summary>
    public void JoinUnsynchronized(ReadPurpose joining)
    {
        Interlocked.Increment(ref _references);
        Wanted |= joining == ReadPurpose.Foreground;
    }

    public void Land(BlockBuffer verified)
    {
        _buffer = verified;
        leaf.SetResident(place, Resident);
        _landing.TrySetResult();
    }

    public void Fail(Exception exception)
    {
        _landing.TrySetException(exception);

        // Nobody may have joined a prefetch; its failure is nobody's.
        _ = _landing.Task.Exception;
    }

    /// <summary>Gives a reference back: a reader's, or the flight's own.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _buffer?.Release();
        }
    }
}
