using VMSeed.Disks.Tests.Formats.Sharing;

namespace VMSeed.Disks.Tests.Formats.Vdi;

/// <summary>A differencing image over a parent with a content; the library itself judges.</summary>
public sealed class VdiChildTests()
    : ChildContract(new() { Format = DiskFormat.Vdi, Length = 0 }, ".vdi");
