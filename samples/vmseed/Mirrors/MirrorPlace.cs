namespace VMSeed.Tool.Mirrors;

/// <summary>A mirror, and the image's address there.</summary>
/// <param name="Root">The mirror's root.</param>
/// <param name="Address">The image's address, with its key.</param>
internal sealed record MirrorPlace(Uri Root, string Address)
{
    /// <summary>The image's own address and its mirrors, each once.</summary>
    public static IReadOnlyList<MirrorPlace> Of(ImageAddress image, IEnumerable<Uri> mirrors) =>
    [
        .. mirrors.Prepend(image.Root)
            .Select(root => new Uri(
                root.AbsoluteUri.EndsWith('/') ? root.AbsoluteUri : root.AbsoluteUri + "/"))
            .Distinct()
            .Select(root => new MirrorPlace(root, image.At(root))),
    ];
}
