namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>Three extents, and zeros below.</summary>
public sealed class VmdkSplitAloneTests() : VmdkSplitContract(hasParent: false);
