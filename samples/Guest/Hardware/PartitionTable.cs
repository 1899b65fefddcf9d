namespace VMSeed.Guest.Hardware;

/// <summary>The header of a GPT (UEFI specification, section 5.3.2).</summary>
internal static class PartitionTable
{
    /// <summary>Where the header ends, in bytes from the disk's begin.</summary>
    public const int Size = 1024;

    private const int HeaderStart = 512;
    private const int GuidStart = HeaderStart + 56;
    private const int GuidSize = 16;

    /// <summary>Finds the disk's GUID.</summary>
    /// <param name="start">The first <see cref="Size"/> bytes of a disk.</param>
    /// <returns>Null where there is no GPT of 512-byte sectors.</returns>
    public static Guid? FindGuid(ReadOnlySpan<byte> start) =>
        start.Length >= Size && start[HeaderStart..].StartsWith("EFI PART"u8)
            ? new Guid(start.Slice(GuidStart, GuidSize))
            : null;
}
