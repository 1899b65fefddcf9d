using Microsoft.Win32.SafeHandles;

namespace VMSeed.Fuse.Mounting;

/// <summary>A way to mount and to unmount.</summary>
internal abstract class Mounter : IDisposable
{
    /// <summary>Mounts.</summary>
    /// <param name="mountPoint">An absolute path without symbolic links.</param>
    /// <param name="readOnly">Whether nothing may be written.</param>
    /// <returns>The connection to the kernel.</returns>
    public abstract Task<SafeFileHandle> MountAsync(string mountPoint, bool readOnly);

    /// <summary>Unmounts.</summary>
    /// <param name="mountPoint">Where.</param>
    /// <param name="lazy">Takes the mount out of the tree at once, even when it is in use.</param>
    /// <returns>Null, or why it could not be done.</returns>
    public abstract Task<string?> UnmountAsync(string mountPoint, bool lazy);

    /// <summary>Ends what stands ready to clean up after a crash.</summary>
    public abstract void Dispose();

    /// <summary>Root speaks to the kernel itself; others need the helper program of FUSE.</summary>
    public static Mounter Choose(FuseMountOptions options) =>
        Environment.IsPrivilegedProcess && !options.ForceHelperProgram
            ? new KernelMounter(options)
            : new HelperProgramMounter(options);
}
