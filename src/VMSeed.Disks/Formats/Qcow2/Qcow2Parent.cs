using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;

namespace VMSeed.Disks.Formats.Qcow2;

// A backing file without a noted format may be raw, and then its first bytes are a guest's: a guest
// that writes a qcow2 header there would have its parent opened as such, and files with it that it
// names. So content decides only between the formats that have a mark, and raw has to be said.

/// <summary>Opens the backing file of an image.</summary>
internal static class Qcow2Parent
{
    /// <summary>QEMU's words for the formats.</summary>
    private static readonly (string Word, DiskFormat Format)[] s_formats =
    [
        ("raw", DiskFormat.Raw),
        ("file", DiskFormat.Raw),
        ("host_device", DiskFormat.Raw),
        ("vmdk", DiskFormat.Vmdk),
        ("vdi", DiskFormat.Vdi),
        ("vpc", DiskFormat.Vhd),
        ("vhdx", DiskFormat.Vhdx),
        ("parallels", DiskFormat.Parallels),
        ("qcow2", DiskFormat.Qcow2),
        ("cloop", DiskFormat.Cloop),
    ];

    /// <summary>QEMU's word for a format.</summary>
    public static string WordOf(DiskFormat format) =>
        s_formats.First(known => known.Format == format).Word;

    /// <summary>Opens what the image names.</summary>
    /// <returns>The parent; null where the image stands alone.</returns>
    public static async ValueTask<OpenedParent?> OpenAsync(
        OpenRequest request, Qcow2Extensions extensions, CancellationToken cancellationToken)
    {
        if (extensions.BackingName is not { } name)
        {
            return null;
        }

        DiskFormat? format = extensions.BackingFormat is { Length: > 0 } word ? Of(word) : null;
        OpenedParent parent = await request.Parents
            .OpenAsync([Strip(name)], format, cancellationToken).ConfigureAwait(false);
        if (format is null && parent.Format == DiskFormat.Raw)
        {
            await parent.DisposeAsync().ConfigureAwait(false);
            throw new DiskFormatException(
                DiskFault.Unsupported,
                $"The qcow2 does not say of what format its backing file '{name}' is, and it is "
                + "none that is known by a mark; open it as raw, if it is raw, and give it as "
                + "VirtualDiskOptions.Parent.")
            {
                FileName = name,
            };
        }

        return parent;
    }

    private static DiskFormat Of(string word)
    {
        foreach ((string known, DiskFormat format) in s_formats)
        {
            if (known == word)
            {
                return format;
            }
        }

        throw DiskFormatException.Unsupported(
            $"The qcow2 has a backing file of the format '{word}', which is not known here.");
    }

    private static string Strip(string name) =>
        name.StartsWith("file:", StringComparison.Ordinal) ? name["file:".Length..] : name;
}
