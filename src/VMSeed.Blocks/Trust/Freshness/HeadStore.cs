using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Trust.Freshness;

// One file for each pair of trust and request, named by the SHA-256 of both, so that no name of an
// image and no key can lead out of the folder, and an unsigned reader never sets the floor of a
// signed one. Writers hold a lock file beside it from reading to replacing, so that a lower version
// never replaces a higher; readers need no lock, for a replaced file is the old or the new one.

/// <summary>Where one accepted head is kept in a folder, for all processes.</summary>
internal sealed class HeadStore
{
    /// <summary>
    /// A lock is held for two fsyncs; where they take longer, the disk is in trouble.
    /// </summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;

    public HeadStore(string folder, TrustPolicy policy, HeadRequest request, TimeProvider time)
    {
        byte[] identity = System.Text.Encoding.UTF8.GetBytes($"{policy.Identity}\n{request}");
        Path = System.IO.Path.Combine(folder, $"{Digest.Of(identity)}.head");
        _time = time;
    }

    /// <summary>The file that holds the accepted head.</summary>
    public string Path { get; }

    /// <summary>Reads the accepted head.</summary>
    /// <param name="damaged">Whether there is a file that cannot be made out.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public AcceptedHead? Load(out bool damaged)
    {
        damaged = false;
        try
        {
            using FileStream file = new(
                Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            AcceptedHead? head = file.Length <= AcceptedHeadFile.MaxSize ? Read(file) : null;
            damaged = head is null;
            return head;
        }
        catch (Exception exception)
            when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Replaces the accepted head; the caller holds the lock.</summary>
    public void Save(AcceptedHead head) => DurableFile.Replace(Path, AcceptedHeadFile.Write(head));

    /// <summary>
    /// Waits for the lock, which other processes and other objects in this one respect.
    /// </summary>
    /// <exception cref="IOException">The lock cannot be had, or not in time.</exception>
    public async ValueTask<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        long start = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(
                    Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception)
                when (IsHeld(exception) && _time.GetElapsedTime(start) < _patience)
            {
                await Task.Delay(_pause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static AcceptedHead? Read(FileStream file)
    {
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return AcceptedHeadFile.Read(bytes);
    }

    // EWOULDBLOCK of flock (Linux 11, macOS 35), or Windows' ERROR_SHARING_VIOLATION.
    private static bool IsHeld(IOException exception) =>
        exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
