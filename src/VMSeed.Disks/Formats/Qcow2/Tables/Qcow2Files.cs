using VMSeed.Blocks;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2.Tables;

/// <summary>What an open image is made of.</summary>
/// <param name="file">The image's file.</param>
/// <param name="data">What holds its clusters: the file itself, or its data file.</param>
/// <param name="tables">The file's tables.</param>
/// <param name="header">The header as it was read.</param>
internal sealed class Qcow2Files(
    BlockDevice file, BlockDevice data, TablePages tables, Qcow2Header header)
{
    private volatile Qcow2Header _header = header;

    public BlockDevice File { get; } = file;

    public BlockDevice Data { get; } = data;

    public TablePages Tables { get; } = tables;

    /// <summary>The header as the next commit leaves it; changed under the disk's gate.</summary>
    public Qcow2Header Header
    {
        get => _header;
        set => _header = value;
    }
}
