using VMSeed.Blocks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>The files of an image's extents, each opened once.</summary>
internal sealed class ExtentFiles(FileResolver resolver) : IAsyncDisposable
{
    private readonly Dictionary<string, BlockDevice> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sparse = new(StringComparer.Ordinal);

    /// <summary>Opens an extent's file.</summary>
    /// <param name="name">Its name in the descriptor.</param>
    /// <param name="access">To be read, or read and written.</param>
    /// <param name="isShared">Whether other extents may lie in the same file.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The file, which stays this object's.</returns>
    public async ValueTask<BlockDevice> OpenAsync(
        string name, FileAccess access, bool isShared, CancellationToken cancellationToken)
    {
        if (_byName.TryGetValue(name, out BlockDevice? device))
        {
            if (!isShared || _sparse.Contains(name))
            {
                throw DiskFormatException.Corrupt(
                    $"The VMDK's descriptor names the file '{name}' for two extents, one of them "
                    + "sparse.");
            }

            return device;
        }

        ResolvedFile file = await resolver.OpenAsync(name, access, cancellationToken)
            .ConfigureAwait(false);
        _byName.Add(name, file.Device);
        if (!isShared)
        {
            _sparse.Add(name);
        }

        return file.Device;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (BlockDevice device in _byName.Values)
        {
            await device.DisposeAsync().ConfigureAwait(false);
        }

        _byName.Clear();
    }
}
