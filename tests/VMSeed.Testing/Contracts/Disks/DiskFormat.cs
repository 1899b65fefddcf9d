using VMSeed.Blocks;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>A format under test: how it is made and opened, and who judges it.</summary>
/// <param name="CreateAsync">Makes a disk of so many bytes in an empty file, open for
/// writing.</param>
/// <param name="OpenAsync">Opens the disk in a file, to be written or not.</param>
/// <param name="JudgeAsync">Says whether a file on the disk is a good image of a content.</param>
/// <param name="LengthUnit">Every length of a disk is a multiple of so many bytes.</param>
internal sealed record DiskFormat(
    Func<BlockDevice, long, ValueTask<BlockDevice>> CreateAsync,
    Func<BlockDevice, bool, ValueTask<BlockDevice>> OpenAsync,
    Func<BlockDevice, byte[], ValueTask> JudgeAsync,
    int LengthUnit);
