using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Deduplication;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Appends frames to packs, in the order in which they come.</summary>
internal sealed class PackWriter(
    RepositoryFolder folder, ObjectWriter objects, BlockTable table, int packLength) : IDisposable
{
    private readonly List<PackedFrame> _frames = [];
    private HashedFile? _file;
    private int _pack = -1;

    /// <summary>Whether the pack has its length.</summary>
    public bool IsFull => _file is not null
        && _file.Length + PackFormat.TrailerSize(_frames.Count, _frames.Count) >= packLength;

    /// <summary>Appends a block's frame, and enters it in the table.</summary>
    public void Append(in PackableBlock block, ReadOnlySpan<byte> stored)
    {
        _file ??= Open();
        FrameRecord frame = block.Frame(_pack, _file.Length);
        var packed = new PackedBlock(block.Digest, 0);
        _file.Append(stored);
        _frames.Add(new PackedFrame(frame, [packed]));
        table.Add(frame, packed);
    }

    /// <summary>Closes the pack, if one is open: it gets its name, and is made durable in the
    /// background.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        if (_file is not { } file)
        {
            return;
        }

        file.Append(PackFormat.BuildTrailer(file.Length, _frames));
        _file = null;
        _frames.Clear();
        Digest digest = await objects.PutAsync(file, cancellationToken).ConfigureAwait(false);
        table.ClosePack(_pack, new PackRecord(digest, file.Length));
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private HashedFile Open()
    {
        var file = new HashedFile(folder);
        _pack = table.AddPack(default);
        file.Append(PackFormat.Header);
        return file;
    }
}
