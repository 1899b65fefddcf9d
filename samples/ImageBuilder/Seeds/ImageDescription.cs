namespace VMSeed.ImageBuilder.Seeds;

/// <summary>An image in <c>seed.json</c>.</summary>
internal sealed record ImageDescription
{
    public required string Name { get; init; }

    public required Uri Url { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    public IReadOnlyList<Uri>? Mirrors { get; init; }

    /// <summary>The version that kernel and modules came from.</summary>
    public required long Version { get; init; }

    /// <summary>The digest of the kernel's object.</summary>
    public required string Kernel { get; init; }

    /// <summary>The digest of the modules' object.</summary>
    public required string Modules { get; init; }

    /// <summary>The signed head, in base64.</summary>
    public required byte[] Head { get; init; }
}
