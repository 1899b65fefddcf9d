using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk;

/// <summary>What a VMDK knows its parent by.</summary>
internal static class VmdkParent
{
    /// <summary>Opens the parent that a descriptor names, and compares.</summary>
    /// <returns>Null where the image stands alone.</returns>
    /// <exception cref="DiskFormatException">It cannot be had, or is another.</exception>
    public static async ValueTask<OpenedParent?> OpenAsync(
        VmdkDescriptor descriptor, ParentOpener opener, CancellationToken cancellationToken)
    {
        if (!descriptor.HasParent)
        {
            return null;
        }

        OpenedParent parent = await opener
            .OpenAsync(Names(descriptor.ParentName), format: null, cancellationToken)
            .ConfigureAwait(false);
        if (parent.Identity is null || ToCid(parent.Identity) == descriptor.ParentCid)
        {
            return parent;
        }

        await parent.DisposeAsync().ConfigureAwait(false);
        throw new DiskFormatException(
            DiskFault.WrongParent,
            $"The VMDK was made over a parent of CID {descriptor.ParentCid:x8}; "
            + $"'{descriptor.ParentName}' has {ToCid(parent.Identity):x8}: it was written since, "
            + "or is another disk.")
        {
            FileName = descriptor.ParentName,
        };
    }

    /// <summary>The CID that stands for a parent.</summary>
    /// <remarks>A parent of another format has none: the number that changes with its content takes
    /// its place, or that of its identity, or one that says nothing.</remarks>
    public static uint ToCid(DiskIdentity? identity)
    {
        if (identity is null || identity == DiskIdentity.None)
        {
            return UnwrittenCid;
        }

        if (identity.Cid != NoParent)
        {
            return identity.Cid;
        }

        Guid id = identity.ContentId == Guid.Empty ? identity.Id : identity.ContentId;
        return ToCid(id);
    }

    /// <summary>A CID from an identifier: none of the two that mean something else.</summary>
    public static uint ToCid(Guid id)
    {
        uint cid = BitConverter.ToUInt32(id.ToByteArray());
        return cid >= UnwrittenCid ? cid - 2 : cid;
    }

    // A path of the machine that the image was made on is of no use on another, so its last part is
    // looked for beside the image too.
    private static List<string> Names(string? hint)
    {
        List<string> names = [];
        if (!string.IsNullOrEmpty(hint))
        {
            names.Add(hint);
            string last = hint[(hint.LastIndexOfAny(['/', '\\']) + 1)..];
            if (last.Length > 0 && last.Length < hint.Length)
            {
                names.Add(last);
            }
        }

        return names;
    }
}
