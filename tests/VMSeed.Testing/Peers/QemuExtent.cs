namespace VMSeed.Testing.Peers;

/// <summary>A line of <c>qemu-img map</c>.</summary>
/// <param name="Start">Where it begins, in bytes of the disk.</param>
/// <param name="Length">How far it goes, in bytes.</param>
/// <param name="Depth">0 in the image itself, 1 in its parent, and so on.</param>
/// <param name="Zero">Whether it reads as zeros.</param>
/// <param name="Data">Whether bytes are stored for it.</param>
/// <param name="Offset">Where in the file; null where that has no meaning.</param>
public sealed record QemuExtent(
    long Start, long Length, int Depth, bool Zero, bool Data, long? Offset);
