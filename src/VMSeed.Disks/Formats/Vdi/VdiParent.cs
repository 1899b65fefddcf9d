using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Vdi;

// A VDI knows its parent by identifier alone; VirtualBox finds the file in its registry. Two names
// are tried: the one in the comment of images that this library made, and the one that VirtualBox
// gives to the files of snapshots.

/// <summary>The parent of a differencing VDI.</summary>
internal static class VdiParent
{
    private const string Mark = "parent=";

    /// <summary>The comment of a new image over a parent of this name.</summary>
    public static string Comment(string? name) =>
        string.IsNullOrEmpty(name) ? string.Empty : Mark + name;

    /// <summary>The names that the parent may have, the best first.</summary>
    public static IReadOnlyList<string> Names(VdiHeader header)
    {
        string snapshot = $"{{{header.LinkageId}}}.vdi";
        return header.Comment.StartsWith(Mark, StringComparison.Ordinal)
            ? [header.Comment[Mark.Length..], snapshot]
            : [snapshot];
    }

    /// <summary>Opens the parent and holds it to what the image remembers of it.</summary>
    /// <exception cref="DiskFormatException">It is not to be had, is another, or has been written
    /// since.</exception>
    public static async ValueTask<OpenedParent> OpenAsync(
        OpenRequest request, VdiHeader header, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = Names(header);
        OpenedParent parent = await request.Parents
            .OpenAsync(names, format: null, cancellationToken).ConfigureAwait(false);
        if (Difference(header, parent.Identity) is { } difference)
        {
            await parent.DisposeAsync().ConfigureAwait(false);
            throw new DiskFormatException(DiskFault.WrongParent, difference)
            {
                FileName = names[0],
            };
        }

        return parent;
    }

    private static string? Difference(VdiHeader header, DiskIdentity? parent)
    {
        if (parent is null)
        {
            return null;
        }

        if (parent.Id != header.LinkageId)
        {
            return $"The VDI was made over the image {header.LinkageId}, and its parent is "
                + $"{parent.Id}.";
        }

        return header.ParentModifyId != Guid.Empty && parent.ContentId != header.ParentModifyId
            ? $"The VDI was made over the content {header.ParentModifyId} of its parent, which has "
                + $"been written since and is {parent.ContentId} now."
            : null;
    }
}
