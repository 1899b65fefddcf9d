namespace VMSeed.Blocks.Publishing;

/// <summary>A file that boots an image, to be published beside its disk.</summary>
/// <param name="Role">kernel, initrd, modules, firmware or other.</param>
/// <param name="Path">The file.</param>
public sealed record BootFileSource(string Role, string Path)
{
    /// <summary>The name in the head; by default the file's own.</summary>
    public string Name { get; init; } = System.IO.Path.GetFileName(Path);
}
