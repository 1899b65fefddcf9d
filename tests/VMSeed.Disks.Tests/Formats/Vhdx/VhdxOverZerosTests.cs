using VMSeed.Blocks.Devices;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>A differencing disk over one that is empty: bitmaps beside the table. No other program
/// here reads them.</summary>
public sealed class VhdxOverZerosTests : VhdxContract
{
    private static readonly MemoryBlockDevice s_parent = new((4 << 20) + (37 * 512));

    protected override VirtualDiskCreateOptions Options(long length) => new()
    {
        Format = DiskFormat.Vhdx,
        Length = length,
        BlockSize = 1 << 20,
        Parent = s_parent,
    };

    protected override Task AskOthersAsync(string path, byte[] content) => Task.CompletedTask;
}
