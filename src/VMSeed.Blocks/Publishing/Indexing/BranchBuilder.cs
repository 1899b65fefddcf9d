using VMSeed.Blocks.Images;

namespace VMSeed.Blocks.Publishing.Indexing;

/// <summary>The page of one level above the leaves that is being filled.</summary>
/// <remarks>Pages of zeros are never made: a disk's holes cost nothing, however large they
/// are.</remarks>
internal sealed class BranchBuilder(ImageGeometry geometry, int level)
{
    private ChildRecord[]? _children;

    /// <summary>Which page of its level is being filled; -1 for none yet.</summary>
    public long Page { get; private set; } = -1;

    /// <summary>Begins a page.</summary>
    public void Begin(long page)
    {
        Page = page;
        _children = new ChildRecord[geometry.EntriesOfPage(level, page)];
    }

    /// <summary>Enters a page of the level below.</summary>
    public void Set(long child, ChildRecord record) =>
        _children![child - (Page * geometry.Fanout)] = record;

    /// <summary>The page's bytes.</summary>
    public byte[] Write() => IndexPage.WriteBranch(level, Page * geometry.Fanout, _children);
}
