namespace VMSeed.Blocks.Caching.Sharing;

/// <summary>The two locks of a store; both end with the process that holds them.</summary>
/// <remarks>
/// One is held while the store is changed. The other is held, shared, as long as a store is open,
/// so that an opener can tell whether it is alone. Every call returns at once.
/// </remarks>
internal abstract class StoreLock : IDisposable
{
    /// <summary>The locks of a store that no other process can open.</summary>
    public static StoreLock None { get; } = new NoLock();

    /// <summary>Opens a store's locks.</summary>
    /// <param name="path">The store's file, which is made when it is not there.</param>
    /// <returns>The locks; none is held.</returns>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static StoreLock Open(string path) =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess
            ? new OpenFileLock(path)
            : new ShareModeLock(path);

    /// <summary>Takes the right to change the store.</summary>
    /// <returns>False when another has it.</returns>
    public abstract bool TryEnter();

    /// <summary>Gives the right to change the store back.</summary>
    public abstract void Exit();

    /// <summary>Finds out whether nobody else has the store open. Call it with the right to
    /// change.</summary>
    /// <returns>True when nobody has.</returns>
    public abstract bool IsAlone();

    /// <summary>Has the store open from now on, in the eyes of others.</summary>
    public abstract void StayOpen();

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class NoLock : StoreLock
    {
        public override bool TryEnter() => true;

        public override void Exit()
        {
        }

        public override bool IsAlone() => true;

        public override void StayOpen()
        {
        }

        public override void Dispose()
        {
        }
    }
}
