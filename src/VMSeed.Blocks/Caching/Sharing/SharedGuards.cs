using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace VMSeed.Blocks.Caching.Sharing;

/// <summary>Guards in memory that all processes of a store share: a file on tmpfs.</summary>
/// <remarks>
/// Mapped files can end a process: a page that cannot be had is a signal, not an error. So the file
/// lies in /dev/shm, its pages are all taken before it is mapped, and its mode keeps other users
/// from cutting it. The mapping is never undone while somebody may read through it: it goes with
/// the object, when the collector finds that nobody has it any more.
/// </remarks>
internal static unsafe class SharedGuards
{
    private const string Folder = "/dev/shm";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes shared guards.</summary>
    /// <param name="name">Their name: random, for it must not have been there before.</param>
    /// <param name="slots">Slots of the directory.</param>
    /// <returns>The guards; null where there is no such memory, or not enough.</returns>
    public static Guards? TryCreate(Guid name, int slots)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Folder))
        {
            return null;
        }

        try
        {
            using var file = new FileStream(PathOf(name), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = OwnerOnly,
                BufferSize = 0,
            });
            TakePages(file, Guards.BytesFor(Guards.StripesFor(slots)));
            return Map(file, slots);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(name); // No room: the store works without, only its reads cost a little more.
            return null;
        }
    }

    /// <summary>Joins the guards that another process has made.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="slots">Slots of the directory.</param>
    /// <returns>The guards; null when they are not to be had, as in another container.</returns>
    public static Guards? TryJoin(Guid name, int slots)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(PathOf(name)))
        {
            return null;
        }

        try
        {
            using var file = new FileStream(
                PathOf(name), FileMode.Open, FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            bool fits = file.Length == Guards.BytesFor(Guards.StripesFor(slots))
                && File.GetUnixFileMode(file.SafeFileHandle) == OwnerOnly;
            return fits ? Map(file, slots) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null; // Another user's: to us it is not there.
        }
    }

    /// <summary>Removes the name; who has the memory keeps it.</summary>
    /// <param name="name">The name.</param>
    public static void Remove(Guid name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Another user's leftover, or no such folder: not ours to remove.
        }
    }

    private static string PathOf(Guid name) => $"{Folder}/vmseed-cache-{name:N}";

    // A page that has been written is there; preallocation promises less.
    private static void TakePages(FileStream file, long length)
    {
        byte[] zeros = new byte[64 * 1024];
        for (long left = length; left > 0; left -= zeros.Length)
        {
            file.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
        }
    }

    private static Guards Map(FileStream file, int slots)
    {
        using var mapped = MemoryMappedFile.CreateFromFile(
            file,
            null,
            0,
            MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None,
            leaveOpen: true);
        SafeBuffer memory = mapped.CreateViewAccessor().SafeMemoryMappedViewHandle;

        // No reference is taken for the pointer: one would keep the collector from unmapping.
        byte* start = (byte*)memory.DangerousGetHandle();
        return new Guards(memory, start, Guards.StripesFor(slots), areShared: true);
    }
}
