using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks;

/// <summary>Opens the parents of an image, and theirs, through what the caller granted.</summary>
/// <param name="options">How the image itself was opened.</param>
/// <param name="files">What the image may open.</param>
/// <param name="names">The full names of the images above, this one's the last; null for those
/// that have none.</param>
internal sealed class ParentChain(
    VirtualDiskOptions options, FileResolver files, IReadOnlyList<string?> names) : ParentOpener
{
    public override async ValueTask<OpenedParent> OpenAsync(
        IReadOnlyList<string> wanted, DiskFormat? format, CancellationToken cancellationToken)
    {
        if (options.Parent is { } given)
        {
            return new OpenedParent(given, Identity: null, IsOwned: false);
        }

        if (names.Count >= VirtualDiskOptions.GreatestDepth)
        {
            throw DiskFormatException.Unsupported(
                $"The chain of parents is longer than {VirtualDiskOptions.GreatestDepth} images.");
        }

        ResolvedFile file = await ResolveAsync(wanted, cancellationToken).ConfigureAwait(false);
        try
        {
            if (names.Contains(file.Name))
            {
                throw DiskFormatException.Corrupt(
                    $"The image {file.Name} is its own parent, by way of {names.Count} images.");
            }

            return await OpenImageAsync(file, format, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await file.Device.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<OpenedParent> OpenImageAsync(
        ResolvedFile file, DiskFormat? format, CancellationToken cancellationToken)
    {
        FormatDriver driver = format is { } known
            ? FormatProbe.Of(known)
            : await FormatProbe.FindAsync(file.Device, cancellationToken).ConfigureAwait(false);
        VirtualDiskOptions inherited = options with
        {
            CanWrite = false,
            Format = format,
            LeaveOpen = false,
            Parent = null,
            Snapshot = null,
        };
        var chain = new ParentChain(inherited, file.Files, [.. names, file.Name]);
        DiskImage image = await driver.OpenAsync(
            new OpenRequest(file.Device, inherited, file.Files, chain) { FileName = file.Name },
            cancellationToken).ConfigureAwait(false);
        return new OpenedParent(new VirtualDisk(image), image.Identity, IsOwned: true)
        {
            Format = image.Info.Format,
        };
    }

    // The first that is there wins; when none is, the first refusal says most.
    private async ValueTask<ResolvedFile> ResolveAsync(
        IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        DiskFormatException? first = null;
        foreach (string name in wanted)
        {
            try
            {
                return await files.OpenAsync(name, FileAccess.Read, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (DiskFormatException refusal)
                when (refusal.Fault is DiskFault.MissingFile or DiskFault.NotGranted)
            {
                first ??= refusal;
            }
        }

        throw first ?? new DiskFormatException(
            DiskFault.MissingFile,
            "The image has a parent and does not say where; give it as VirtualDiskOptions.Parent.");
    }
}
