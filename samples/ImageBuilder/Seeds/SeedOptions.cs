using VMSeed.ImageBuilder.BootDisk;
using VMSeed.ImageBuilder.Partitions;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>What kind of seed is built.</summary>
public sealed record SeedOptions
{
    /// <summary>The images, the default first; their names differ.</summary>
    public required IReadOnlyList<SeedImage> Images { get; init; }

    /// <summary>The guest client's program, built for the guest; libraries beside it come with
    /// it.</summary>
    public required string Client { get; init; }

    /// <summary>The virtual size that is wished for.</summary>
    /// <value>Bytes, 1 GiB to 2040 GiB; made a little less by <see cref="SeedSize.Of"/>. 32 GiB by
    /// default.</value>
    public long Size { get; init; } = SeedSize.Default;

    /// <summary>How long the menu waits for a choice.</summary>
    /// <value>3 s by default; 0 to 1 hour, in whole seconds.</value>
    public TimeSpan MenuTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The guest's network, as docs/SEED-DISK.md, section 4, has it.</summary>
    /// <value><c>dhcp</c> by default.</value>
    public string Network { get; init; } = SeedNetwork.Dhcp;

    /// <summary>The proxy that the guest asks through.</summary>
    /// <value>None by default.</value>
    public Uri? Proxy { get; init; }

    /// <summary>The folder of GRUB's modules, with a folder a platform.</summary>
    /// <value>Where Debian has it by default.</value>
    public string GrubModules { get; init; } = GrubImage.DefaultModules;

    /// <summary>The seed's identifier: all that differs between two seeds of the same heads that
    /// were built with the same programs at the same moment.</summary>
    public Guid DiskId { get; init; } = Guid.NewGuid();

    /// <summary>When the seed is built: the least that the guest's clock may say.</summary>
    /// <value>Now by default.</value>
    public DateTimeOffset Created { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>How hard the guest client is packed, 0 to 9: for tests, which look for other
    /// things than a seed's size.</summary>
    internal int PackingLevel { get; init; } = 9;

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">Some are out of their limits; the message names them
    /// all.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Images.Count == 0)
        {
            faults.Add("There is no image; a seed boots at least one.");
        }

        // The boot partition does not tell upper case from lower.
        foreach (IGrouping<string, SeedImage> same in Images
            .GroupBy(image => image.Disk.Head.Name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1))
        {
            faults.Add($"{same.Count()} images are called {same.Key}; names of a seed differ.");
        }

        if (Size is < SeedSize.Least or > SeedSize.Greatest)
        {
            faults.Add(
                $"The size is {Size}; it must lie between {SeedSize.Least} and "
                + $"{SeedSize.Greatest}.");
        }

        if (MenuTimeout < TimeSpan.Zero || MenuTimeout > TimeSpan.FromHours(1))
        {
            faults.Add($"The menu waits for {MenuTimeout}; it must be 0 to 1 hour.");
        }

        if (SeedNetwork.FindFault(Network) is { } fault)
        {
            faults.Add(fault);
        }

        if (Proxy is { } proxy && proxy.Scheme is not ("http" or "https"))
        {
            faults.Add($"The proxy is {proxy}; it must be an http or https address.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }
}
