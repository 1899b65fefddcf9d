using VMSeed.Blocks;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Access;

// An image is somebody else's text: a parent's name in it is a wish, not a right. So no format
// opens a file by itself. It hands the name, as the image spells it, to the resolver that the
// caller gave, and what the resolver does not grant does not exist.

/// <summary>Opens the files that an image names: parents, extents, data files.</summary>
/// <remarks>To be derived from where files lie in a place of the caller's own.</remarks>
public abstract class FileResolver
{
    /// <summary>A resolver that grants nothing.</summary>
    public static FileResolver None { get; } = new DeniedFiles();

    /// <summary>Opens a file.</summary>
    /// <param name="name">The name as the image spells it: relative, absolute, with slashes of
    /// either kind, or a URL.</param>
    /// <param name="access">To be read, or read and written.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The file, which becomes the caller's.</returns>
    /// <exception cref="DiskFormatException">There is no such file
    /// (<see cref="DiskFault.MissingFile"/>), or it is not granted
    /// (<see cref="DiskFault.NotGranted"/>).</exception>
    public abstract ValueTask<ResolvedFile> OpenAsync(
        string name, FileAccess access, CancellationToken cancellationToken = default);

    /// <summary>Makes a new, empty file that can grow.</summary>
    /// <param name="name">Its name, relative to the image.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The file, which becomes the caller's.</returns>
    /// <exception cref="DiskFormatException">Nothing may be made here, or not
    /// there.</exception>
    public virtual ValueTask<BlockDevice> CreateAsync(
        string name, CancellationToken cancellationToken = default) =>
        throw Denied(name, "no files can be made beside this image");

    /// <summary>Puts a small file in the place of another, whole: after a loss of power the one or
    /// the other is there.</summary>
    /// <param name="name">Its name, relative to the image; nobody may have it open.</param>
    /// <param name="content">What it then holds.</param>
    /// <param name="cancellationToken">Gives the work up; the old file is then still there.</param>
    /// <returns>A task that is done when the new file is there.</returns>
    /// <exception cref="DiskFormatException">Nothing may be replaced here, or not
    /// there.</exception>
    public virtual ValueTask ReplaceAsync(
        string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        throw Denied(name, "no files can be replaced beside this image");

    private protected static DiskFormatException Denied(string name, string why) =>
        new(DiskFault.NotGranted, $"The image asks for the file '{name}': {why}.")
        {
            FileName = name,
        };

    private sealed class DeniedFiles : FileResolver
    {
        public override ValueTask<ResolvedFile> OpenAsync(
            string name, FileAccess access, CancellationToken cancellationToken = default) =>
            throw Denied(name, "no other files are granted to it; VirtualDiskOptions.Files does");
    }
}
