namespace VMSeed.Guest.Hardware;

/// <summary>A disk that the kernel knows.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Device">Its device file.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Model">What its maker or its driver calls it.</param>
internal sealed record SystemDisk(string Name, string Device, long Length, string Model)
{
    public override string ToString() => FormattableString.Invariant(
        $"{Name} ({Model}, {Length / (double)(1 << 30):0.#} GiB)");
}
