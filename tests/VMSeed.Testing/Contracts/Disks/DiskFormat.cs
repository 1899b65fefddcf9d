using VMSeed.Blocks;
using VMSeed.Testing.Devices;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>A format under test: how it is made and opened, and who judges it.</summary>
/// <param name="CreateAsync">Makes a disk of so many bytes where no file is yet, open for
/// writing.</param>
/// <param name="OpenAsync">Opens the disk in its files, to be written or not.</param>
/// <param name="JudgeAsync">Says whether the files are a good image of a content.</param>
/// <param name="LengthUnit">Every length of a disk is a multiple of so many bytes.</param>
internal sealed record DiskFormat(
    Func<PowerCutFiles, long, ValueTask<BlockDevice>> CreateAsync,
    Func<PowerCutFiles, bool, ValueTask<BlockDevice>> OpenAsync,
    Func<PowerCutFiles, byte[], ValueTask> JudgeAsync,
    int LengthUnit)
{
    /// <summary>What a new disk of so many bytes reads as: zeros, or its parent.</summary>
    internal Func<int, byte[]> Initial { get; init; } = length => new byte[length];

    /// <summary>Whether the disk's length is its file's, so that a loss of power may leave any
    /// between the old and the new: a file ends where the last write that survived does.</summary>
    internal bool HasLengthOfFile { get; init; }

    /// <summary>Whether closing the disk makes everything durable.</summary>
    internal bool ClosingFlushes { get; init; } = true;
}
