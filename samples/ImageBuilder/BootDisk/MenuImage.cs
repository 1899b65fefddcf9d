namespace VMSeed.ImageBuilder.BootDisk;

/// <summary>What the menu needs to know of an image.</summary>
/// <param name="Name">Its name, which is also its folder's on the boot partition.</param>
/// <param name="Arguments">What the image adds to the kernel's command line.</param>
internal sealed record MenuImage(string Name, string? Arguments);
