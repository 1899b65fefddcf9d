namespace VMSeed.Blocks.Primitives;

/// <summary>What the content of a device is known by, beyond this process and this
/// place.</summary>
/// <remarks>Two devices whose <see cref="Value"/> is the same hold the same bytes.</remarks>
public sealed record ContentIdentity
{
    /// <summary>Names a content.</summary>
    /// <param name="value">Up to 1,024 characters that stand for these bytes and no
    /// others.</param>
    public ContentIdentity(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxLength, nameof(value));
        Value = value;
    }

    /// <summary>Stands for these bytes and no others.</summary>
    public string Value { get; }

    /// <summary>What people call it: <c>debian version 3</c>.</summary>
    /// <value>Empty where it has no name.</value>
    public string Name { get; init; } = "";

    /// <summary>Where it can be had, as the device was told, without passwords.</summary>
    /// <value>Empty where that is nowhere.</value>
    public string Address { get; init; } = "";

    /// <summary>The signed head that it was opened by, where it is a published image's.</summary>
    public ReadOnlyMemory<byte> SignedHead { get; init; }

    internal const int MaxLength = 1024;
}
