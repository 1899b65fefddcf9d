namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>Sectors of 4096 bytes, which QEMU does not read: the image's own check has to
/// do.</summary>
public sealed class VhdxLargeSectorTests : VhdxContract
{
    protected override int LengthUnit => 4096;

    protected override VirtualDiskCreateOptions Options(long length) => new()
    {
        Format = DiskFormat.Vhdx,
        Length = length,
        SectorSize = 4096,
    };

    protected override Task AskOthersAsync(string path, byte[] content) => Task.CompletedTask;
}
