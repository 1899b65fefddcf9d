using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Fuse.Tests;

/// <summary>A device whose bytes follow from their offset: each 8 bytes hold a hash of their place.
/// Every second 64 KiB is a hole when asked for.</summary>
internal sealed class PatternDevice(long length, bool sparse = false) : BlockDevice
{
    public const int HoleLength = 64 * 1024;

    private const int Word = 8;

    public override long Length => length;

    /// <summary>Runs before each read; a task that is not done makes the read wait.</summary>
    public Func<long, CancellationToken, Task>? Gate { get; set; }

    public static void Fill(long offset, Span<byte> buffer, bool sparse)
    {
        Span<byte> word = stackalloc byte[Word];
        for (int done = 0; done < buffer.Length;)
        {
            long at = offset + done;
            ulong value = sparse && IsHole(at)
                ? 0
                : (ulong)(at / Word) * 0x9E3779B97F4A7C15;
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            Span<byte> part = word[(int)(at % Word)..];
            part = part[..Math.Min(part.Length, buffer.Length - done)];
            part.CopyTo(buffer[done..]);
            done += part.Length;
        }
    }

    public byte[] Expect(long offset, int count)
    {
        byte[] bytes = new byte[(int)Math.Min(count, Math.Max(0, length - offset))];
        Fill(offset, bytes, sparse);
        return bytes;
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Task? gate = Gate?.Invoke(offset, cancellationToken);
        if (gate is not null && !gate.IsCompletedSuccessfully)
        {
            return LaterAsync(gate, offset, buffer);
        }

        Fill(offset, buffer.Span, sparse);
        return default;
    }

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long count, CancellationToken cancellationToken)
    {
        long end = Math.Min((offset / HoleLength * HoleLength) + HoleLength, offset + count);
        return new(new Extent(
            offset,
            end - offset,
            sparse && IsHole(offset) ? ExtentKind.Zero : ExtentKind.Data));
    }

    private static bool IsHole(long offset) => offset / HoleLength % 2 == 1;

    private async ValueTask LaterAsync(Task gate, long offset, Memory<byte> buffer)
    {
        await gate;
        Fill(offset, buffer.Span, sparse);
    }
}
