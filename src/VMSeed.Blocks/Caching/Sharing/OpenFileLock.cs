using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Devices.Files;

namespace VMSeed.Blocks.Caching.Sharing;

/// <summary>Linux: locks on two bytes far behind the store's end, owned by an open file
/// description.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenFileLock : StoreLock
{
    private const long ChangeByte = ByteLock.FirstFreeByte;
    private const long OpenByte = ChangeByte + 1;

    private readonly SafeFileHandle _file;

    /// <summary>Opens the locks.</summary>
    /// <param name="path">The store's file.</param>
    public OpenFileLock(string path) => _file = File.OpenHandle(
        path,
        FileMode.OpenOrCreate,
        FileAccess.ReadWrite,
        FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public override bool TryEnter() => ByteLock.TryTake(_file, ChangeByte, alone: true);

    /// <inheritdoc/>
    public override void Exit() => ByteLock.Release(_file, ChangeByte);

    /// <inheritdoc/>
    public override bool IsAlone() => ByteLock.TryTake(_file, OpenByte, alone: true);

    /// <inheritdoc/>
    public override void StayOpen() => ByteLock.TryTake(_file, OpenByte, alone: false);

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();
}
