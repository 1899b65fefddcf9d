using VMSeed.Disks.Tests.Formats.Sharing;

namespace VMSeed.Disks.Tests.Formats.Vhd;

/// <summary>A differencing image over a parent with a content; the library itself judges.</summary>
public sealed class VhdChildTests()
    : ChildContract(new() { Format = DiskFormat.Vhd, Length = 0 }, ".vhd");
