using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Nbd.Tests;

/// <summary>A device whose bytes follow from their offset. When it is sparse, its runs are by turns
/// data, a hole, not local, and data.</summary>
internal sealed class PatternDevice(long length, bool sparse = false) : BlockDevice
{
    public const int RunLength = 64 * 1024;

    private const int Word = 8;

    private long _reads;

    public override long Length => length;

    /// <summary>Runs before each read; a task that is not done makes the read wait.</summary>
    public Func<long, CancellationToken, Task>? Gate { get; set; }

    /// <summary>Whether maps take their time.</summary>
    public bool IsMapSlow { get; set; }

    public long Reads => Interlocked.Read(ref _reads);

    public byte[] Expect(long offset, int count)
    {
        byte[] bytes = new byte[count];
        Fill(offset, bytes);
        return bytes;
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        Task? gate = Gate?.Invoke(offset, cancellationToken);
        if (gate is not null && !gate.IsCompletedSuccessfully)
        {
            return LaterAsync(gate, offset, buffer);
        }

        Fill(offset, buffer.Span);
        return default;
    }

    protected override async ValueTask<Extent> MapCoreAsync(
        long offset, long count, CancellationToken cancellationToken)
    {
        if (IsMapSlow) { await Task.Yield(); }

        if (!sparse) { return new Extent(offset, count, ExtentKind.Data); }

        long end = Math.Min((offset / RunLength * RunLength) + RunLength, offset + count);
        return new Extent(offset, end - offset, KindAt(offset));
    }

    private static ExtentKind KindAt(long offset) => (offset / RunLength % 4) switch
    {
        1 => ExtentKind.Zero,
        2 => ExtentKind.Absent,
        _ => ExtentKind.Data,
    };

    private void Fill(long offset, Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[Word];
        for (int done = 0; done < buffer.Length;)
        {
            long at = offset + done;
            ulong value = sparse && KindAt(at) == ExtentKind.Zero
                ? 0
                : (ulong)(at / Word) * 0x9E3779B97F4A7C15;
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            Span<byte> part = word[(int)(at % Word)..];
            part = part[..Math.Min(part.Length, buffer.Length - done)];
            part.CopyTo(buffer[done..]);
            done += part.Length;
        }
    }

    private async ValueTask LaterAsync(Task gate, long offset, Memory<byte> buffer)
    {
        await gate;
        Fill(offset, buffer.Span);
    }
}
