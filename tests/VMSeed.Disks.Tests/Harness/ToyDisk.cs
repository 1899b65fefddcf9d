using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Tests.Harness;

/// <summary>The least format that allocates on write, and can be wrong on order: what shows that
/// the contract of formats finds what it is for.</summary>
/// <remarks>
/// Order of a flush: data, barrier, table, barrier; and only then are freed blocks free. A block is
/// whole before an entry points to it, so a cut leaves each entry old or new and either right.
/// </remarks>
internal sealed class ToyDisk : BlockDevice
{
    private const int Block = ToyTable.BlockSize;

    private readonly BlockDevice _file;
    private readonly ToyTable _table;
    private readonly ToyFault _fault;
    private readonly bool _canWrite;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Stack<int> _free = new();
    private readonly List<int> _freed = [];

    private ToyDisk(BlockDevice file, bool canWrite, ToyFault fault)
    {
        (_file, _canWrite, _fault) = (file, canWrite, fault);
        _table = new ToyTable(file);
    }

    /// <summary>What a read has allocated: the compiler puts on the stack what nobody
    /// keeps.</summary>
    internal object? Kept { get; private set; }

    public override long Length => _table.Length;

    public override bool CanWrite => _canWrite;

    internal static async ValueTask<BlockDevice> CreateAsync(
        BlockDevice file, long length, ToyFault fault)
    {
        await file.SetLengthAsync(ToyTable.FirstData * Block);
        ToyDisk disk = new(file, true, fault);
        disk._table.Length = length;
        await disk.FlushAsync();
        return disk;
    }

    internal static async ValueTask<BlockDevice> OpenAsync(
        BlockDevice file, bool canWrite, ToyFault fault)
    {
        ToyDisk disk = new(file, canWrite, fault);
        await disk._table.LoadAsync();
        int blocks = (int)(file.Length / Block);
        foreach (int block in Enumerable.Range(ToyTable.FirstData, blocks - ToyTable.FirstData)
            .Except(disk._table.Used()))
        {
            disk._free.Push(block);
        }

        if (fault == ToyFault.ReaderWrites)
        {
            await file.WriteAsync(100, new byte[1]);
        }

        return disk;
    }

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!_canWrite)
        {
            return;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            await BarrierAsync(_fault != ToyFault.EntriesBeforeData);
            await _table.StoreAsync();
            await BarrierAsync(true);
            _freed.ForEach(_free.Push);
            _freed.Clear();
        }
        finally
        {
            _gate.Release();
        }
    }

    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default)
    {
        if (!_canWrite)
        {
            return base.SetLengthAsync(length, cancellationToken);
        }

        _table.Length = length;
        return default;
    }

    public override async ValueTask DisposeAsync()
    {
        await FlushAsync();
        _gate.Dispose();
        await base.DisposeAsync();
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Kept = _fault == ToyFault.ReadsAllocate ? new object() : null;
        while (buffer.Length > 0)
        {
            Memory<byte> part = buffer[..Math.Min(buffer.Length, Block - (int)(offset % Block))];
            ValueTask read = ReadPartAsync(offset, part, cancellationToken);
            if (!read.IsCompletedSuccessfully)
            {
                return RestAsync(
                    read, offset + part.Length, buffer[part.Length..], cancellationToken);
            }

            offset += part.Length;
            buffer = buffer[part.Length..];
        }

        return default;
    }

    protected override async ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (data.Length > 0)
        {
            int from = (int)(offset % Block);
            int count = Math.Min(data.Length, Block - from);
            await LockedAsync(() => StoreAsync(offset / Block, from, data[..count]));
            offset += count;
            data = data[count..];
        }
    }

    protected override async ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            int from = (int)(offset % Block);
            int count = (int)Math.Min(length, Block - from);
            await LockedAsync(() => ClearAsync(offset / Block, from, count));
            offset += count;
            length -= count;
        }
    }

    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        ZeroCoreAsync(offset, length, cancellationToken);

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        bool isZero = _table[offset / Block] == 0 || _fault == ToyFault.MapsDataAsZero;
        return new(new Extent(
            offset,
            Math.Min(length, Block - (offset % Block)),
            isZero ? ExtentKind.Zero : ExtentKind.Data));
    }

    private async ValueTask RestAsync(
        ValueTask first, long offset, Memory<byte> rest, CancellationToken cancellationToken)
    {
        await first;
        await ReadCoreAsync(offset, rest, cancellationToken);
    }

    private ValueTask ReadPartAsync(long offset, Memory<byte> part, CancellationToken cancellation)
    {
        int block = _table[offset / Block];
        if (block != 0)
        {
            return _file.ReadAsync(((long)block * Block) + (offset % Block), part, cancellation);
        }

        part.Span.Clear();
        return default;
    }

    private async Task LockedAsync(Func<Task> work)
    {
        bool isLocked = _fault != ToyFault.AllocatesUnlocked;
        await (isLocked ? _gate.WaitAsync() : Task.CompletedTask);
        try
        {
            await work();
        }
        finally
        {
            _ = isLocked ? _gate.Release() : 0;
        }
    }

    private async Task StoreAsync(long block, int from, ReadOnlyMemory<byte> data)
    {
        int place = _table[block];
        if (place != 0)
        {
            await _file.WriteAsync(((long)place * Block) + from, data);
            return;
        }

        place = _free.TryPop(out int free) ? free : await AppendAsync();
        byte[] whole = new byte[Block];
        if (_fault == ToyFault.KeepsStaleBytes)
        {
            await _file.ReadAsync((long)place * Block, whole);
        }

        data.CopyTo(whole.AsMemory(from));
        await _file.WriteAsync((long)place * Block, whole);
        _table[block] = place;
    }

    private async Task<int> AppendAsync()
    {
        int place = (int)(_file.Length / Block);
        await _file.SetLengthAsync((place + 1L) * Block);
        return place;
    }

    private async Task ClearAsync(long block, int from, int count)
    {
        int place = _table[block];
        if (place == 0)
        {
            return;
        }

        if (count < Block)
        {
            await _file.WriteAsync(((long)place * Block) + from, new byte[count]);
            return;
        }

        _table[block] = 0;
        if (_fault is ToyFault.ReusesAtOnce or ToyFault.KeepsStaleBytes)
        {
            _free.Push(place);
        }
        else
        {
            _freed.Add(place);
        }
    }

    private ValueTask BarrierAsync(bool isWanted) =>
        isWanted && _fault != ToyFault.FlushIsNone ? _file.FlushAsync() : default;
}
