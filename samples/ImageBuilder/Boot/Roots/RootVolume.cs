namespace VMSeed.ImageBuilder.Boot.Roots;

/// <summary>Where tools find a file system.</summary>
/// <param name="Type">What it is, as mount calls it.</param>
/// <param name="File">The local file that it lies in.</param>
/// <param name="Offset">Where in the file it begins, in bytes.</param>
/// <param name="GrubName">What GRUB calls the place once the file is its first loop
/// device.</param>
internal sealed record RootVolume(string Type, string File, long Offset, string GrubName);
