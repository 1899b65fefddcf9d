using VMSeed.Blocks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Raw;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>Opens the images that a descriptor names.</summary>
internal static class BundleOpener
{
    public static async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        BundleDescriptor descriptor = await BundleDescriptor
            .ReadAsync(request.File, cancellationToken).ConfigureAwait(false);
        List<BundlePart> parts = [];
        try
        {
            foreach (BundleStorage storage in descriptor.Storages)
            {
                var part = new BundlePart(storage);
                parts.Add(part);
                await FillAsync(part, descriptor.Chain, request, cancellationToken)
                    .ConfigureAwait(false);
            }

            return new ParallelsBundleImage(request, descriptor, parts);
        }
        catch
        {
            foreach (BundlePart part in parts)
            {
                await part.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    // From the oldest image up; a parent that the caller gives stands for all but the uppermost.
    private static async ValueTask FillAsync(
        BundlePart part,
        IReadOnlyList<Guid> chain,
        OpenRequest request,
        CancellationToken cancellationToken)
    {
        int lowest = chain.Count - 1;
        if (request.Options.Parent is { } parent)
        {
            BundleStorage storage = part.Storage;
            long there = Math.Clamp(parent.Length - storage.Offset, 0, storage.Length);
            part.Add(new BundleSlice(parent, storage.Offset, there), owned: null);
            lowest = 0;
        }

        for (int i = lowest; i >= 0; i--)
        {
            await AddAsync(part, chain[i], isTop: i == 0, request, cancellationToken)
                .ConfigureAwait(false);
        }

        Require(
            part.Disk!.Length >= part.Storage.Length,
            $"its part at sector {part.Storage.Start} has {part.Storage.Length} bytes, and the "
            + $"image of it {part.Disk.Length}");
    }

    private static async ValueTask AddAsync(
        BundlePart part,
        Guid id,
        bool isTop,
        OpenRequest request,
        CancellationToken cancellationToken)
    {
        BundleImage image = part.Storage.Images.FirstOrDefault(other => other.Id == id)
            ?? throw new DiskFormatException(
                DiskFault.MissingFile,
                $"The Parallels bundle names no image of the snapshot {id:B}; give what lies below "
                + "as VirtualDiskOptions.Parent.");
        Require(
            !image.IsPlain || part.Disk is null,
            $"{image.File} is plain, and has another image below");
        bool canWrite = isTop && request.CanWrite;
        ResolvedFile file = await request.Files.OpenAsync(
            image.File, canWrite ? FileAccess.ReadWrite : FileAccess.Read, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            await AddAsync(part, image, file.Device, canWrite, request.Options, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            await file.Device.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask AddAsync(
        BundlePart part,
        BundleImage image,
        BlockDevice file,
        bool canWrite,
        VirtualDiskOptions options,
        CancellationToken cancellationToken)
    {
        if (image.IsPlain)
        {
            var plain = new RawDisk(file, canWrite, leaveOpen: false);
            part.Add(plain, plain);
            return;
        }

        part.Add(await ParallelsFile.OpenAsync(
            file, part.Disk, options with { LeaveOpen = false }, canWrite, cancellationToken)
            .ConfigureAwait(false));
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt($"The Parallels bundle is wrong: {otherwise}.");
        }
    }
}
