namespace VMSeed.Disks.Tests.Formats.Vmdk;

/// <summary>Three extents over a parent.</summary>
public sealed class VmdkSplitChildTests() : VmdkSplitContract(hasParent: true);
