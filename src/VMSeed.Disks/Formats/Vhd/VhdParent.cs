using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Structures;

namespace VMSeed.Disks.Formats.Vhd;

/// <summary>The parent of a differencing VHD: what it is called, and whether it is the right
/// one.</summary>
internal static class VhdParent
{
    // The best first: what is told relative to the image has moved along with it.
    private static readonly uint[] s_codes =
        [VhdLocator.Relative, VhdLocator.Absolute, VhdLocator.MacUrl];

    /// <summary>Every name that the image has for its parent, the best first.</summary>
    public static async ValueTask<IReadOnlyList<string>> NamesAsync(
        BlockDevice file, VhdParts parts, CancellationToken cancellationToken)
    {
        List<string> names = [];
        foreach (uint code in s_codes)
        {
            for (int i = 0; i < VhdLocator.Count; i++)
            {
                VhdLocator locator = parts.Header!.Locator(i);
                if (locator.Code == code
                    && await locator.ReadAsync(file, cancellationToken).ConfigureAwait(false)
                        is { } name)
                {
                    names.Add(name);
                }
            }
        }

        if (parts.Header!.ParentName is { Length: > 0 } last)
        {
            names.Add(last);
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Opens the parent and holds it to what the image remembers of it.</summary>
    /// <exception cref="DiskFormatException">It is not to be had, or another.</exception>
    public static async ValueTask<OpenedParent> OpenAsync(
        OpenRequest request,
        VhdParts parts,
        IReadOnlyList<string> names,
        CancellationToken cancellationToken)
    {
        OpenedParent parent = await request.Parents
            .OpenAsync(names, format: null, cancellationToken).ConfigureAwait(false);
        Guid wanted = parts.Header!.ParentId;
        if (parent.Identity is { } identity && identity.Id != wanted)
        {
            await parent.DisposeAsync().ConfigureAwait(false);
            throw new DiskFormatException(
                DiskFault.WrongParent,
                $"The VHD was made over the image {wanted}, and its parent is {identity.Id}.")
            {
                FileName = names.Count > 0 ? names[0] : null,
            };
        }

        return parent;
    }
}
