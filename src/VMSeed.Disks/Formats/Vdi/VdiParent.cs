using System.Text;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

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

    /// <summary>The header of the image over another parent.</summary>
    /// <param name="header">As it is.</param>
    /// <param name="name">The parent's name; null for none.</param>
    /// <param name="parent">What the parent is known by; null to leave that as it is.</param>
    /// <exception cref="DiskFormatException">The image has no parent, or a name does not
    /// fit.</exception>
    public static VdiHeader Rename(VdiHeader header, string? name, DiskIdentity? parent)
    {
        if (!header.HasParent)
        {
            throw DiskFormatException.Unsupported(
                "The VDI has no parent whose name could be changed; make a new image over one.");
        }

        bool isOurs = header.Comment.Length == 0
            || header.Comment.StartsWith(Mark, StringComparison.Ordinal);
        string comment = isOurs ? Comment(name) : header.Comment;
        if (Encoding.UTF8.GetByteCount(comment) >= CommentLength)
        {
            throw DiskFormatException.Unsupported(
                $"The parent's name '{name}' is too long for the comment of a VDI, which has "
                + $"{CommentLength - 1} bytes.");
        }

        if (string.IsNullOrEmpty(name))
        {
            return header with
            {
                Type = Dynamic,
                Comment = comment,
                LinkageId = Guid.Empty,
                ParentModifyId = Guid.Empty,
            };
        }

        return header with
        {
            Comment = comment,
            LinkageId = parent?.Id ?? header.LinkageId,
            ParentModifyId = parent?.ContentId ?? header.ParentModifyId,
        };
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
