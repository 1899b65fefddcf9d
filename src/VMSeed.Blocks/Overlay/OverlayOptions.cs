using VMSeed.Blocks.Overlay.Format;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>How an overlay is made and kept.</summary>
public sealed record OverlayOptions
{
    private const long MinCache = 64 * 1024;
    private const long MaxCache = 1L << 30;

    /// <summary>What to do about a file that is there, or not.</summary>
    /// <value><see cref="FileMode.OpenOrCreate"/> by default; <see cref="FileMode.Open"/> and
    /// <see cref="FileMode.CreateNew"/> are the others.</value>
    public FileMode Mode { get; init; } = FileMode.OpenOrCreate;

    /// <summary>Whether the overlay is only read: any number of readers may have it open at
    /// once.</summary>
    /// <value>False by default.</value>
    public bool ReadOnly { get; init; }

    /// <summary>Bytes of the disk, where an overlay is made: what lies behind the base's end reads
    /// as zeros.</summary>
    /// <value>The base's length by default; up to 64 TiB.</value>
    public long? Length { get; init; }

    /// <summary>What a new overlay calls its base, where the base has no name of its own.</summary>
    /// <value>Up to 1,024 characters; the device's text by default.</value>
    public string? BaseName { get; init; }

    /// <summary>Where a new overlay says that its base is, where the base does not know.</summary>
    /// <value>Up to 1,024 characters, such as a path; nowhere by default.</value>
    public string? BaseAddress { get; init; }

    /// <summary>Bytes of the state map in memory.</summary>
    /// <value>16 MiB by default, enough for the states of 256 GiB; 64 KiB to 1 GiB.</value>
    public long MapCacheSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Checks all of it.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message has every
    /// fault.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Mode is not (FileMode.OpenOrCreate or FileMode.Open or FileMode.CreateNew))
        {
            faults.Add($"Mode is {Mode}; it must be OpenOrCreate, Open or CreateNew.");
        }

        if (ReadOnly && Mode == FileMode.CreateNew)
        {
            faults.Add("Mode is CreateNew, and the overlay is only to be read.");
        }

        if (Length is < 0 or > OverlayLayout.MaxLength)
        {
            faults.Add($"Length is {Length}; it must be from 0 to {OverlayLayout.MaxLength}.");
        }

        if (BaseName?.Length > ContentIdentity.MaxLength
            || BaseAddress?.Length > ContentIdentity.MaxLength)
        {
            faults.Add(
                $"BaseName and BaseAddress have {ContentIdentity.MaxLength} characters at the "
                + "most.");
        }

        if (MapCacheSize is < MinCache or > MaxCache)
        {
            faults.Add(
                $"MapCacheSize is {MapCacheSize}; it must be from {MinCache} to {MaxCache}.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }
}
