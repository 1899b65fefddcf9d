using System.Security.Cryptography;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Verification;

/// <summary>Checks every object that a head stands for: pages, frames, blocks, profile, boot
/// files.</summary>
/// <remarks>
/// Packs are read in runs of frames, so the bytes that no block of this image uses, and the
/// trailers, are left to a check of the images that use them. Memory: a few leaves and runs in
/// flight.
/// </remarks>
internal sealed class ImageCheck(
    ObjectSource source,
    ImageHead head,
    ReadPolicy policy,
    TimeProvider time,
    IProgress<VerifyProgress>? progress)
{
    // Enough to hide the round trip to a far server behind the decoding; each holds up to 8 MiB.
    private const int InFlight = 4;

    // A boot file is hashed as it comes, in pieces of this size.
    private const int PieceLength = 4 * 1024 * 1024;

    private readonly ObjectFetcher _objects = new(source, policy, time);
    private readonly VerifyTally _tally = new(progress, head.Content.DataBlocks);

    public async Task<VerifyResult> RunAsync(CancellationToken cancellationToken)
    {
        var walker = new IndexWalker(head, _objects)
        {
            Enter = _tally.Visit,
            Fault = fault => _tally.Blame(fault, fault.ObjectName ?? ""),
        };
        var frames = new FrameChecker(_objects, _tally);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = InFlight,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            walker.LeavesAsync(cancellationToken),
            options,
            async (leaf, token) => await frames.CheckAsync(
                leaf.Table,
                i => walker.Geometry.BlockLength((leaf.Number * walker.Geometry.Fanout) + i),
                token).ConfigureAwait(false)).ConfigureAwait(false);
        await CheckProfileAsync(walker.Geometry, frames, cancellationToken).ConfigureAwait(false);
        foreach (BootFile file in head.Boot?.Files ?? [])
        {
            await CheckFileAsync(file, cancellationToken).ConfigureAwait(false);
        }

        _tally.Advance(0, _objects.Bytes);
        return _tally.Result();
    }

    private async Task CheckProfileAsync(
        ImageGeometry geometry, FrameChecker frames, CancellationToken cancellationToken)
    {
        if (head.Profile is not { } profile)
        {
            return;
        }

        _tally.Visit(profile.Digest);
        try
        {
            BootProfile content = await _objects.ReadAsync(
                profile.Digest,
                profile.Length,
                bytes => BootProfile.Read(Envelope.Open(bytes), geometry),
                cancellationToken).ConfigureAwait(false);
            await frames.CheckAsync(
                content.Table,
                i => geometry.BlockLength(content.Indexes[i]),
                cancellationToken).ConfigureAwait(false);
        }
        catch (BlockIOException fault)
        {
            _tally.Blame(fault, RepositoryPaths.Object(profile.Digest));
        }
    }

    // Of a piece nobody can say anything: a boot file has one digest.
    private static Func<ReadOnlyMemory<byte>, bool?>? CheckOf(BootFile file, int length) =>
        length == file.Length ? bytes => Digest.Of(bytes.Span) == file.Digest : null;

    private async Task CheckFileAsync(BootFile file, CancellationToken cancellationToken)
    {
        string path = RepositoryPaths.Object(file.Digest);
        if (!_tally.Visit(file.Digest))
        {
            return;
        }

        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (long offset = 0; offset < file.Length; offset += PieceLength)
            {
                int length = (int)Math.Min(PieceLength, file.Length - offset);
                byte[] piece = await _objects.ReadAsync(
                    new ObjectRequest(
                        path, offset, length, file.Length, Check: CheckOf(file, length)),
                    bytes => bytes,
                    cancellationToken).ConfigureAwait(false);
                hash.AppendData(piece);
            }

            if (new Digest(hash.GetHashAndReset()) != file.Digest)
            {
                throw new BlockIOException(
                    FailureReason.Corrupt, $"{path}, '{file.Name}', is damaged.");
            }
        }
        catch (BlockIOException fault)
        {
            _tally.Blame(fault, path);
        }
    }
}
