using System.Security.Cryptography;
using VMSeed.Blocks;

namespace VMSeed.Gslb.Tests.WideArea;

/// <summary>A disk that is read end to end, once: of four readers two read a quarter each in random
/// order, and two theirs forwards.</summary>
/// <param name="disk">The disk.</param>
internal sealed class WholeRead(LazyDisk disk)
{
    private const int Piece = 64 * 1024;
    private const int Readers = 4;

    private readonly byte[] _bytes = new byte[disk.Length];
    private readonly List<(double Share, Action Happen)> _plan = [];
    private readonly Lock _gate = new();
    private long _done;

    /// <summary>The longest that a reader waited for one piece.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Has something happen in mid-read.</summary>
    /// <param name="share">When so much of the disk has been read.</param>
    /// <param name="happen">What happens.</param>
    /// <returns>This.</returns>
    public WholeRead When(double share, Action happen)
    {
        _plan.Add((share, happen));
        return this;
    }

    /// <summary>Reads.</summary>
    /// <param name="stop">Gives it up.</param>
    /// <returns>SHA-256 of what came.</returns>
    public async Task<byte[]> RunAsync(CancellationToken stop)
    {
        int[] pieces = [.. Enumerable.Range(0, (int)((disk.Length + Piece - 1) / Piece))];
        int[][] quarters = [.. pieces.Chunk((pieces.Length + Readers - 1) / Readers)];
        new Random(1).Shuffle(quarters[0]);
        new Random(2).Shuffle(quarters[1]);
        await Task.WhenAll(quarters.Select(mine => Task.Run(() => ReadAsync(mine, stop), stop)));
        Assert.Empty(_plan);
        return SHA256.HashData(_bytes);
    }

    private async Task ReadAsync(int[] pieces, CancellationToken stop)
    {
        foreach (int piece in pieces)
        {
            int offset = piece * Piece;
            Memory<byte> target = _bytes.AsMemory(
                offset, Math.Min(Piece, _bytes.Length - offset));
            long began = TimeProvider.System.GetTimestamp();
            await disk.ReadAsync(offset, target, stop);
            Take(target.Length, TimeProvider.System.GetElapsedTime(began));
        }
    }

    private void Take(int length, TimeSpan waited)
    {
        lock (_gate)
        {
            _done += length;
            Longest = waited > Longest ? waited : Longest;
            foreach ((double Share, Action Happen) step in
                _plan.Where(step => _done >= step.Share * _bytes.Length).ToArray())
            {
                _plan.Remove(step);
                step.Happen();
            }
        }
    }
}
