namespace VMSeed.Blocks.Caching.Sharing;

/// <summary>Where there is nothing better: locks are two files beside the store, held by opening
/// them.</summary>
/// <remarks>The share mode of an open file is kept by Windows itself, and on other systems by .NET
/// with flock(2); both end with the process.</remarks>
/// <param name="path">The store's file.</param>
internal sealed class ShareModeLock(string path) : StoreLock
{
    private FileStream? _change;
    private FileStream? _open;

    /// <inheritdoc/>
    public override bool TryEnter() =>
        (_change = TryOpen(".change", FileAccess.ReadWrite, FileShare.None)) is not null;

    /// <inheritdoc/>
    public override void Exit() => _change?.Dispose();

    /// <inheritdoc/>
    public override bool IsAlone()
    {
        _open?.Dispose();
        _open = TryOpen(".open", FileAccess.ReadWrite, FileShare.None);
        return _open is not null;
    }

    /// <inheritdoc/>
    public override void StayOpen()
    {
        // In between nobody has it; whoever looks then holds the right to change, which we hold
        // now.
        _open?.Dispose();
        _open = TryOpen(".open", FileAccess.Read, FileShare.Read);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _change?.Dispose();
        _open?.Dispose();
    }

    private FileStream? TryOpen(string suffix, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(
                path + suffix, FileMode.OpenOrCreate, access, share, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path + suffix))
        {
            return null; // Another holds it.
        }
    }
}
