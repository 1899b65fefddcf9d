using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Verification;

/// <summary>Checks every frame and every block that a table of an index page, or a profile,
/// names.</summary>
internal sealed class FrameChecker(ObjectFetcher objects, VerifyTally tally)
{
    /// <summary>Checks a table; what is bad is in the tally.</summary>
    /// <param name="table">The table.</param>
    /// <param name="blockLength">The length of each entry's block.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CheckAsync(
        FrameTable table, Func<int, int> blockLength, CancellationToken cancellationToken)
    {
        ILookup<int, int> blocksOf = Enumerable.Range(0, table.Blocks.Length)
            .Where(i => !table.Blocks[i].IsZero)
            .ToLookup(i => table.Blocks[i].Frame);
        foreach (FrameRun run in FrameRun.Of(table))
        {
            string path = RepositoryPaths.Object(run.Pack.Digest);
            tally.Visit(run.Pack.Digest);
            if (tally.IsMissing(path))
            {
                continue;
            }

            try
            {
                await objects.ReadAsync(
                    new ObjectRequest(
                        path,
                        run.Offset,
                        run.Length,
                        run.Pack.Length,
                        Check: bytes => AreStored(table, run, bytes.Span)),
                    bytes => Check(table, run, bytes, blocksOf, blockLength),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (BlockIOException fault)
            {
                tally.Blame(fault, path);
            }

            tally.Advance(run.Frames.Sum(f => blocksOf[f].Count()), objects.Bytes);
        }
    }

    private static bool AreStored(FrameTable table, FrameRun run, ReadOnlySpan<byte> bytes)
    {
        bool isRight = bytes.Length == run.Length;
        foreach (int index in run.Frames)
        {
            FrameRecord frame = table.Frames[index];
            isRight = isRight && ShortDigest.Of(bytes.Slice(
                (int)(frame.Offset - run.Offset), frame.StoredLength)) == frame.Digest;
        }

        return isRight;
    }

    private static bool Check(
        FrameTable table,
        FrameRun run,
        byte[] bytes,
        ILookup<int, int> blocksOf,
        Func<int, int> blockLength)
    {
        foreach (int index in run.Frames)
        {
            FrameRecord frame = table.Frames[index];
            ReadOnlyMemory<byte> stored =
                bytes.AsMemory((int)(frame.Offset - run.Offset), frame.StoredLength);
            Require(ShortDigest.Of(stored.Span) == frame.Digest, frame, "its stored bytes differ");
            byte[] plain = GC.AllocateUninitializedArray<byte>(frame.PlainLength);
            FrameDecoder.Decode(frame.Codec, stored, plain);
            foreach (int block in blocksOf[index])
            {
                BlockRecord record = table.Blocks[block];
                Digest digest = Digest.Of(plain.AsSpan(record.Place, blockLength(block)));
                Require(digest == record.Digest, frame, $"its block at {record.Place} differs");
            }
        }

        return true;
    }

    private static void Require(bool holds, FrameRecord frame, string fact)
    {
        if (!holds)
        {
            throw new InvalidDataException($"in the frame at byte {frame.Offset} {fact}");
        }
    }
}
