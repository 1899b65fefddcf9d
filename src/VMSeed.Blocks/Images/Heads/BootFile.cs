using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>A file that boots an image.</summary>
/// <param name="Role">kernel, initrd, modules, firmware or other.</param>
/// <param name="Name">The file's name.</param>
/// <param name="Digest">The digest of its object.</param>
/// <param name="Length">Its size in bytes.</param>
public sealed record BootFile(string Role, string Name, Digest Digest, long Length);
