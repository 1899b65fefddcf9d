namespace VMSeed.Testing.Contracts.Disks;

/// <summary>One step of a session with a disk.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Offset">Where, in bytes.</param>
/// <param name="Length">How far, in bytes; of a growth, the bytes gained.</param>
/// <param name="Seed">Of the bytes that are written.</param>
internal readonly record struct DiskOperation(
    DiskOperationKind Kind, int Offset, int Length, int Seed)
{
    // Formats have blocks of 4 KiB to 2 MiB. Small steps near few places make many steps meet in
    // one block; long zeros and trims free whole blocks, which later steps take again.
    private const int Place = 64 * 1024;
    private const int Places = 8;
    private const int Longest = 48 * 1024;
    private const int Block = 1 << 20;

    /// <summary>Draws a step that fits a disk of so many bytes.</summary>
    internal static DiskOperation Draw(Random random, int length, int lengthUnit)
    {
        DiskOperationKind kind = DrawKind(random);
        if (kind == DiskOperationKind.Grow)
        {
            return new(kind, 0, random.Next(1, 1 + (Block / lengthUnit)) * lengthUnit, 0);
        }

        (int offset, int count) = kind is DiskOperationKind.Zero or DiskOperationKind.Trim
            && random.Next(3) == 0
                ? (random.Next((length / Block) + 1) * Block, Block * random.Next(1, 3))
                : DrawRange(random, length);
        offset = Math.Min(offset, length);
        return new(kind, offset, Math.Min(count, length - offset), random.Next());
    }

    /// <summary>Draws a step of a task that has a part of the disk to itself, and no right to close
    /// the disk or to grow it: it flushes instead.</summary>
    internal static DiskOperation DrawWithin(Random random, int start, int end)
    {
        DiskOperation step = Draw(random, end - start, end - start);
        return step.Kind is DiskOperationKind.Reopen or DiskOperationKind.Grow
            ? new(DiskOperationKind.Flush, start, 0, 0)
            : step with { Offset = start + step.Offset };
    }

    private static DiskOperationKind DrawKind(Random random) => random.Next(20) switch
    {
        < 10 => DiskOperationKind.Write,
        < 12 => DiskOperationKind.Zero,
        < 14 => DiskOperationKind.Trim,
        < 16 => DiskOperationKind.Flush,
        < 18 => DiskOperationKind.Read,
        18 => DiskOperationKind.Reopen,
        _ => DiskOperationKind.Grow,
    };

    private static (int Offset, int Length) DrawRange(Random random, int length)
    {
        int offset = random.Next(3) == 0
            ? random.Next(length)
            : Math.Max(0, (random.Next(Places) * Place) + random.Next(-8192, 8192));
        int count = (int)(Longest * Math.Pow(random.NextDouble(), 3)) + 1;
        int unit = random.Next(3) switch { 0 => 1, 1 => 512, _ => 4096 };
        return (offset / unit * unit, (count + unit - 1) / unit * unit);
    }
}
