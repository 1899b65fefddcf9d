using VMSeed.Blocks.Opening;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>A head of the source.</summary>
/// <param name="Content">What it says.</param>
/// <param name="File">The signed file.</param>
/// <param name="IsNewest">Whether it is the one that readers ask for, and not only kept under its
/// version.</param>
internal sealed record SyncHead(
    VerifiedHead Content, ReadOnlyMemory<byte> File, bool IsNewest)
{
    public string Name => Content.Head.Name;

    public long Version => Content.Head.Version;
}
