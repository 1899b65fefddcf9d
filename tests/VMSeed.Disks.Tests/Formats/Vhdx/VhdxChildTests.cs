using VMSeed.Disks.Tests.Formats.Sharing;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>A differencing image over a parent with a content; the library itself judges.</summary>
public sealed class VhdxChildTests()
    : ChildContract(new() { Format = DiskFormat.Vhdx, Length = 0 }, ".vhdx");
