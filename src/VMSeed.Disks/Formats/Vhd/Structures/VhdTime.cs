namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>Seconds since the year 2000 began in UTC, as VHDs count.</summary>
internal static class VhdTime
{
    private static readonly DateTimeOffset s_epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The count; 0 and the greatest one for times outside of it.</summary>
    public static uint Of(DateTimeOffset time) =>
        (uint)Math.Clamp((time - s_epoch).TotalSeconds, 0, uint.MaxValue);
}
