using System.Text.Json.Serialization;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images;

/// <summary>The size of a disk and of its blocks.</summary>
/// <param name="Length">Bytes of the disk.</param>
/// <param name="BlockSize">Bytes of a block.</param>
public sealed record DiskShape(long Length, int BlockSize);

/// <summary>The root of an index.</summary>
/// <param name="Levels">Levels of pages, from the leaves to the root.</param>
/// <param name="Fanout">Entries of a page.</param>
/// <param name="Digest">The digest of the root page's object.</param>
/// <param name="Length">Bytes of that object.</param>
public sealed record IndexRoot(int Levels, int Fanout, Digest Digest, int Length)
{
    /// <summary>The root page's object itself, where it is small.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ReadOnlyMemory<byte> Inline { get; init; }
}

/// <summary>How much a version of an image holds.</summary>
/// <param name="DataBlocks">Blocks that are not zero.</param>
/// <param name="ZeroBlocks">Blocks that are.</param>
/// <param name="StoredBytes">Bytes of the frames that hold the blocks, each frame once.</param>
public sealed record ContentSummary(long DataBlocks, long ZeroBlocks, long StoredBytes);

/// <summary>Where a profile is.</summary>
/// <param name="Digest">The digest of its object.</param>
/// <param name="Length">Bytes of that object.</param>
public sealed record ProfileReference(Digest Digest, int Length)
{
    /// <summary>The run of frames that the profile begins with.</summary>
    public PackRange? First { get; init; }
}

/// <summary>A range of a pack.</summary>
/// <param name="Pack">The pack's digest.</param>
/// <param name="PackLength">The pack's length in bytes.</param>
/// <param name="Offset">Where the range begins, in bytes.</param>
/// <param name="Length">How far it goes, in bytes.</param>
public sealed record PackRange(Digest Pack, long PackLength, long Offset, int Length);

/// <summary>What boots an image beside its disk.</summary>
/// <param name="Files">Kernel, initrd and the like, in the order of loading.</param>
public sealed record BootSection(IReadOnlyList<BootFile> Files)
{
    /// <summary>Where the root file system is.</summary>
    public BootRoot? Root { get; init; }

    /// <summary>The kernel's arguments.</summary>
    public string? Arguments { get; init; }
}

/// <summary>A file that boots an image.</summary>
/// <param name="Role">kernel, initrd, modules, firmware or other.</param>
/// <param name="Name">The file's name.</param>
/// <param name="Digest">The digest of its object.</param>
/// <param name="Length">Its size in bytes.</param>
public sealed record BootFile(string Role, string Name, Digest Digest, long Length);

/// <summary>Where a root file system is.</summary>
/// <param name="Partition">The partition's number; 0 for the whole disk.</param>
/// <param name="FileSystem">The file system's type, as mount calls it.</param>
public sealed record BootRoot(int Partition, string FileSystem);
