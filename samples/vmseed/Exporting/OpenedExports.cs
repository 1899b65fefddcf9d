using System.Collections;
using VMSeed.Nbd;
using VMSeed.Tool.Images;

namespace VMSeed.Tool.Exporting;

/// <summary>The images that are served, in the order in which they were named.</summary>
internal sealed class OpenedExports : IReadOnlyCollection<OpenedExport>, IAsyncDisposable
{
    private readonly List<OpenedExport> _members = [];

    public int Count => _members.Count;

    /// <summary>Takes an image over.</summary>
    public void Add(string name, OpenedImage image) =>
        _members.Add(new(image, new BlockDeviceExport(name, image.Disk, image.Title)));

    public IEnumerator<OpenedExport> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (OpenedExport member in _members) { await member.Image.DisposeAsync(); }
    }
}
