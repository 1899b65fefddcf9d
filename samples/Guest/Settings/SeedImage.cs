namespace VMSeed.Guest.Settings;

/// <summary>One image of a seed.</summary>
internal sealed record SeedImage
{
    public required string Name { get; init; }

    /// <summary>Where its head is.</summary>
    public required Uri Url { get; init; }

    /// <summary>The keys, one of which must have signed it.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Roots of equal repositories, beside those that the head names.</summary>
    public IReadOnlyList<Uri>? Mirrors { get; init; }

    /// <summary>The version whose kernel and modules the seed holds.</summary>
    public required long Version { get; init; }

    /// <summary>The digest of that kernel, in hexadecimal.</summary>
    public string? Kernel { get; init; }

    /// <summary>The digest of the archive of its modules, in hexadecimal.</summary>
    public string? Modules { get; init; }

    /// <summary>The signed head that the seed was made from.</summary>
    public required byte[] Head { get; init; }
}
