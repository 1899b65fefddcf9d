namespace VMSeed.Blocks.Publishing.Repositories;

/// <summary>A lock between processes, let go by the system when its holder dies.</summary>
/// <remarks>
/// <para>A lock is a file that is open. .NET opens files for sharing on Windows by the system's own
/// rules, and takes flock(2) on Unix, shared for a reader and exclusive for
/// <see cref="FileShare.None"/>: both end with the process, also by kill -9, so that no lock is
/// ever stale. fcntl's record locks would vanish when any other handle of the file is closed in the
/// process, and a lock file that is made and deleted would outlive a crash. NFS turns flock into a
/// lock on the server (Linux since 2.6.12). Only <c>DOTNET_SYSTEM_IO_DISABLEFILELOCKING</c> takes
/// the locks away.</para>
/// <para>The file is never deleted: who waits for it would then hold a lock on a file without a
/// name.</para>
/// </remarks>
internal sealed class RepositoryLock : IDisposable
{
    // Long enough for another's head step; a person should not wait longer to learn who is in the
    // way.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private RepositoryLock(FileStream file) => _file = file;

    /// <summary>Publishers share the repository; garbage collection has it alone.</summary>
    public static Task<RepositoryLock> ShareAsync(
        RepositoryFolder folder, TimeProvider time, CancellationToken cancellationToken) =>
        AcquireAsync(folder, "lock", exclusive: false, "garbage is collected", time,
            cancellationToken);

    /// <summary>Nobody else publishes, signs or collects.</summary>
    public static Task<RepositoryLock> OwnAsync(
        RepositoryFolder folder, TimeProvider time, CancellationToken cancellationToken) =>
        AcquireAsync(
            folder, "lock", exclusive: true, "somebody publishes", time, cancellationToken);

    /// <summary>Nobody else changes the heads of an image.</summary>
    public static Task<RepositoryLock> OwnHeadsAsync(
        RepositoryFolder folder, string name, TimeProvider time,
        CancellationToken cancellationToken) =>
        AcquireAsync(
            folder, $"{name}.lock", true, $"another writes the head of {name}", time,
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static async Task<RepositoryLock> AcquireAsync(
        RepositoryFolder folder,
        string name,
        bool exclusive,
        string holder,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        string path = Path.Join(folder.PrivateFolder, name);
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new RepositoryLock(Open(path, exclusive));
            }
            catch (IOException fault) when (IsHeld(fault))
            {
                if (time.GetElapsedTime(start) > _patience)
                {
                    throw new IOException(
                        $"{path} is locked: {holder} in {folder.Root}; waited {_patience}.", fault);
                }
            }

            await Task.Delay(_pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static FileStream Open(string path, bool exclusive)
    {
        if (exclusive)
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }

        if (!File.Exists(path))
        {
            // Made without a lock of its own, so that it is in nobody's way.
            using FileStream made = new(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }

        return new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }

    // .NET gives a lock that is held, and nothing else, an error of its own on each system.
    private static bool IsHeld(IOException fault) =>
        fault is not (DirectoryNotFoundException or FileNotFoundException or PathTooLongException)
        && (OperatingSystem.IsWindows() ? (fault.HResult & 0xFFFF) is 32 or 33
            : fault.HResult is 11 or 35);
}
