using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Publishing.Deduplication;
using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Publishing.Packing;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing;

// The order in which a publish touches the repository, and why a crash at any point is harmless:
//
//   1. packs        whole and durable before they have a name; found again by their trailers
//   2. index pages  the same; equal ones are there already
//   3. boot files   the same
//   4. the table    only a copy of what the packs' trailers say, checked when it is read
//   5. folders      their entries are durable before anything names them
//   6. version head nobody asks for a version that no newest head has announced
//   7. newest head  by rename: readers see the old version or the new one
//
// All of it under the shared lock of the repository, so that garbage collection, which takes it
// alone, sees no object that is not yet named by a head; 6 and 7 under the image's own lock, so
// that of two publishers of one image the second counts on from the first.

/// <summary>Publishes disks as versions of images.</summary>
public static class ImagePublisher
{
    /// <summary>Publishes a disk as the newest version of an image.</summary>
    /// <param name="disk">The disk; it must not change until the task is done.</param>
    /// <param name="options">What to publish it as, and where.</param>
    /// <param name="progress">Hears how far it has come, about once a mebibyte.</param>
    /// <param name="cancellationToken">Gives up; what is stored by then is used by the next
    /// try.</param>
    /// <returns>The head and some counts. A disk whose newest version holds the same already, with
    /// the same boot files and mirrors, makes no new version unless
    /// <see cref="PublishOptions.Force"/> says so.
    /// </returns>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="InvalidDataException">The image's present head is damaged.</exception>
    /// <exception cref="IOException">The disk cannot be read or changed meanwhile, it was made from
    /// another version than the newest, the repository cannot be written, or a collector of garbage
    /// is at work.</exception>
    public static async Task<PublishResult> PublishAsync(
        BlockDevice disk,
        PublishOptions options,
        IProgress<PublishProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var geometry = new ImageGeometry(disk.Length, options.BlockSize, options.Fanout);
        var folder = RepositoryFolder.Create(options.RepositoryPath, options.TimeProvider);
        using RepositoryLock shared = await RepositoryLock
            .ShareAsync(folder, options.TimeProvider, cancellationToken).ConfigureAwait(false);

        // Before the work, so that a damaged head is told at once, and a version that came between.
        HeadDraft.CheckSuccession(options, new HeadStore(folder, options.Name).ReadNewest());
        var tableFile = new BlockTableFile(folder);
        BlockTable table = await Task
            .Run(() => tableFile.Load(cancellationToken), cancellationToken).ConfigureAwait(false);
        int knownPacks = table.Packs.Count;
        var objects = new ObjectWriter(folder);
        await using ConfiguredAsyncDisposable closing = objects.ConfigureAwait(false);
        PackTotals totals = await new DiskPacker(disk, geometry, options, folder, table)
            .PackAsync(objects, progress, cancellationToken).ConfigureAwait(false);
        BootSection? boot = await BootFiles
            .StoreAsync(options, folder, objects, cancellationToken).ConfigureAwait(false);
        boot ??= options.BasedOn?.Boot;
        await objects.FlushAsync().ConfigureAwait(false);
        RenewPacks(folder, totals.UsedPacks.Select(table.Pack));
        if (table.Packs.Count > knownPacks)
        {
            tableFile.Save(table);
        }

        var draft = new HeadDraft(options, geometry, totals, boot);
        (ImageHead head, bool isUnchanged) = await draft
            .PublishAsync(folder, cancellationToken).ConfigureAwait(false);
        return new PublishResult
        {
            Head = head,
            HeadPath = new HeadStore(folder, options.Name).NewestPath,
            IsUnchanged = isUnchanged,
            NewBlocks = totals.NewBlocks,
            KnownBlocks = totals.DataBlocks - totals.NewBlocks,
            ZeroBlocks = geometry.BlockCount - totals.DataBlocks,
            NewBytes = objects.NewBytes,
        };
    }

    // What is used again may be old enough for garbage collection, and somebody may have deleted it
    // with other means while the disk was packed.
    private static void RenewPacks(RepositoryFolder folder, IEnumerable<PackRecord> packs)
    {
        foreach (PackRecord pack in packs)
        {
            var file = new FileInfo(folder.LocateObject(pack.Digest));
            if (!file.Exists || file.Length != pack.Length)
            {
                throw new IOException(
                    $"The pack {file.FullName} of {pack.Length} bytes, whose blocks were to be "
                    + "used again, has gone or changed. Nothing is published; publishing again "
                    + "stores them.");
            }

            folder.Renew(file.FullName);
        }
    }
}
