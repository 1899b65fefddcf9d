using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Devices.Files;

namespace VMSeed.Blocks.Overlay;

/// <summary>Holds an overlay's file: alone, or together with others who only read.</summary>
/// <remarks>On Linux a byte far behind the file's end is locked, so that others can look what the
/// overlay is while it is in use. Elsewhere the modes of sharing do as much, where there are such:
/// the file's own handle has them.</remarks>
internal sealed class OverlayLock : IDisposable
{
    private readonly SafeFileHandle? _file;

    private OverlayLock(SafeFileHandle? file) => _file = file;

    /// <summary>Whether what is held was empty when this was asked.</summary>
    internal bool IsOfEmptyFile => _file is not null && RandomAccess.GetLength(_file) == 0;

    private static bool HasByteLocks => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>What others may do with a file that its user opens.</summary>
    internal static FileShare Share(bool readOnly) =>
        HasByteLocks ? FileShare.ReadWrite
        : readOnly || OperatingSystem.IsWindows() ? FileShare.Read
        : FileShare.None;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="IOException">Another has it.</exception>
    internal static OverlayLock Take(string path, bool readOnly)
    {
        if (!HasByteLocks || !OperatingSystem.IsLinux())
        {
            return new OverlayLock(null);
        }

        SafeFileHandle file = File.OpenHandle(
            path,
            FileMode.Open,
            readOnly ? FileAccess.Read : FileAccess.ReadWrite,
            FileShare.ReadWrite);
        if (ByteLock.TryTake(file, ByteLock.FirstFreeByte, alone: !readOnly))
        {
            return new OverlayLock(file);
        }

        file.Dispose();
        throw new IOException($"The overlay {path} is in use.");
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
