using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhdx.Structures;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Opens the parent of a differencing disk, and makes sure that it is the one.</summary>
internal static class VhdxParent
{
    /// <summary>The parent; null for a disk that stands alone.</summary>
    /// <exception cref="DiskFormatException">It cannot be had, or has changed since the child was
    /// made.</exception>
    public static async ValueTask<OpenedParent?> OpenAsync(
        OpenRequest request, VhdxContents contents, CancellationToken cancellationToken)
    {
        if (contents.Parent is not { } locator)
        {
            return null;
        }

        OpenedParent parent = await request.Parents
            .OpenAsync(locator.Names, format: null, cancellationToken).ConfigureAwait(false);
        try
        {
            Check(parent, locator, contents.Geometry.SectorSize);
            return parent;
        }
        catch
        {
            await parent.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static void Check(OpenedParent parent, VhdxParentLocator locator, int sectorSize)
    {
        if (parent.Identity is { } identity && !locator.Accepts(identity.ContentId))
        {
            throw new DiskFormatException(
                DiskFault.WrongParent,
                $"The parent of the VHDX has the content {identity.ContentId:B}; the image was "
                + $"made over {locator.LinkageText}. Give it as VirtualDiskOptions.Parent to use "
                + "it all the same.")
            {
                FileName = locator.Name,
            };
        }

        if (parent.Identity is { SectorSize: > 0 } known && known.SectorSize != sectorSize)
        {
            throw new DiskFormatException(
                DiskFault.WrongParent,
                $"The VHDX has sectors of {sectorSize} bytes, and its parent of "
                + $"{known.SectorSize}.");
        }
    }
}
