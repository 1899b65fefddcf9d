using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing.Packing;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing.Heads;

/// <summary>Everything of a head but its version, which is given when nobody else can take
/// it.</summary>
internal sealed class HeadDraft(
    PublishOptions options, ImageGeometry geometry, PackTotals totals, BootSection? boot)
{
    /// <summary>Makes the head the newest, unless the newest says the same.</summary>
    public async Task<(ImageHead Head, bool IsUnchanged)> PublishAsync(
        RepositoryFolder folder, CancellationToken cancellationToken)
    {
        using RepositoryLock own = await RepositoryLock
            .OwnHeadsAsync(folder, options.Name, options.TimeProvider, cancellationToken)
            .ConfigureAwait(false);
        var heads = new HeadStore(folder, options.Name);
        ImageHead? newest = heads.ReadNewest();
        CheckSuccession(options, newest);
        if (newest is not null && !options.Force && IsSame(newest))
        {
            return (newest, true);
        }

        // A version's file without a newest head is what a crash between the two leaves; its number
        // is passed over, for a version never gets another content.
        long last = Math.Max(newest?.Version ?? 0, heads.LastVersion());
        ImageHead head = Build(last + 1);
        byte[] text = HeadJson.Write(head);
        heads.Write(head.Version, SignedText.Compose(
            text,
            SigningRules.Sign(text, head.Name, head.Version, head.SignedAt, options.Keys)));
        return (head, false);
    }

    /// <summary>Refuses a disk that was made from another version than the newest.</summary>
    /// <exception cref="IOException">It was: publishing would undo what came between.</exception>
    public static void CheckSuccession(PublishOptions options, ImageHead? newest)
    {
        if (options.BasedOn is not { } made
            || (newest?.Version == made.Version && newest.Index.Digest == made.Index.Digest))
        {
            return;
        }

        throw new IOException(
            $"The disk was made from version {made.Version} of {made.Name}, and the repository "
            + (newest is null ? "has no such image. " : $"is at version {newest.Version}. ")
            + "Nothing is published: it would undo what was published meanwhile.");
    }

    private ImageHead Build(long version)
    {
        DateTimeOffset now = SigningRules.WholeSeconds(options.TimeProvider.GetUtcNow());
        DateTimeOffset? expires = options.Expires ?? now + options.ExpiresAfter;
        return new ImageHead
        {
            Name = options.Name,
            Version = version,
            Created = now,
            SignedAt = now,
            Expires = expires is { } end ? SigningRules.WholeSeconds(end) : null,
            Disk = new DiskShape(geometry.Length, geometry.BlockSize),
            Index = totals.Index,
            Content = new ContentSummary(
                totals.DataBlocks, geometry.BlockCount - totals.DataBlocks, totals.StoredBytes),
            Mirrors = options.Mirrors,
            Boot = boot,
        };
    }

    private bool IsSame(ImageHead head) =>
        head.Disk == new DiskShape(geometry.Length, geometry.BlockSize)
        && head.Index.Digest == totals.Index.Digest
        && head.Index.Fanout == geometry.Fanout
        && head.Mirrors.SequenceEqual(options.Mirrors)
        && head.Boot?.Root == boot?.Root
        && head.Boot?.Arguments == boot?.Arguments
        && (head.Boot?.Files ?? []).SequenceEqual(boot?.Files ?? []);
}
