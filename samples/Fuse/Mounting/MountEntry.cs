namespace VMSeed.Fuse.Mounting;

/// <summary>One mount.</summary>
/// <param name="Device">The device's number as "major:minor"; unique while the mount lives.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Type">The file system's type.</param>
/// <param name="Source">What is mounted.</param>
internal sealed record MountEntry(string Device, string MountPoint, string Type, string Source);
