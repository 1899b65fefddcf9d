namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Some blocks on their way from the disk to a pack; used again when they have
/// arrived.</summary>
internal sealed class BlockBatch
{
    // Reads of this size run at a disk's full speed, and handing a batch from thread to thread
    // vanishes beside the 9 ms that compressing it takes. Larger only costs memory.
    private const int Size = 1024 * 1024;

    private readonly int _blockSize;
    private readonly byte[] _plain;
    private readonly byte[] _stored;
    private TaskCompletionSource _done = null!;

    public BlockBatch(int blockSize)
    {
        _blockSize = blockSize;
        Capacity = Size / blockSize;
        _plain = GC.AllocateUninitializedArray<byte>(Size);
        _stored = GC.AllocateUninitializedArray<byte>(Size);
        Blocks = new PackableBlock[Capacity];
        Reset();
    }

    public int Capacity { get; }

    public int Count { get; set; }

    public PackableBlock[] Blocks { get; }

    /// <summary>Where the disk has been looked at up to, in bytes.</summary>
    public long Position { get; set; }

    /// <summary>Done when every block has been hashed and compressed.</summary>
    public Task Done => _done.Task;

    public void Reset()
    {
        Count = 0;
        _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The room for a run of blocks' plain bytes.</summary>
    public Memory<byte> Plain(int first, int length) => _plain.AsMemory(first * _blockSize, length);

    public ReadOnlySpan<byte> Plain(int block) =>
        _plain.AsSpan(block * _blockSize, Blocks[block].Length);

    /// <summary>The room for a block's stored bytes; as much as for its plain ones.</summary>
    public Memory<byte> Stored(int block) =>
        _stored.AsMemory(block * _blockSize, Blocks[block].Length);

    public void Complete() => _done.SetResult();
}
