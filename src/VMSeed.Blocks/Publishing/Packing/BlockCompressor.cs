using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Deduplication;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Hashes blocks, and compresses those that are neither zeros nor stored
/// already.</summary>
/// <param name="encoder">This worker's own.</param>
/// <param name="table">Where every stored block is known.</param>
internal sealed class BlockCompressor(FrameEncoder encoder, BlockTable table)
{
    /// <summary>Does a batch.</summary>
    public void Run(BlockBatch batch)
    {
        Span<Digest> digests = stackalloc Digest[batch.Count];
        Span<bool> found = stackalloc bool[batch.Count];
        for (int i = 0; i < batch.Count; i++)
        {
            ref PackableBlock block = ref batch.Blocks[i];
            if (!block.IsKnown)
            {
                ReadOnlySpan<byte> plain = batch.Plain(i);
                block.IsZero = !plain.ContainsAnyExcept((byte)0);
                block.Digest = block.IsZero ? default : Digest.Of(plain);
            }

            digests[i] = block.Digest;
        }

        table.Find(digests, found);
        for (int i = 0; i < batch.Count; i++)
        {
            if (!found[i] && !batch.Blocks[i].IsZero)
            {
                Compress(batch, i);
            }
        }
    }

    private void Compress(BlockBatch batch, int index)
    {
        ref PackableBlock block = ref batch.Blocks[index];
        Span<byte> stored = batch.Stored(index).Span;
        block.StoredLength = encoder.Encode(batch.Plain(index), stored, out block.Codec);
        block.StoredDigest = ShortDigest.Of(stored[..block.StoredLength]);
    }
}
