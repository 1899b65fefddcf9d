using VMSeed.Blocks;

namespace VMSeed.Disks.Drivers;

/// <summary>What a format is known by: the beginning and the end of a file.</summary>
/// <param name="Length">The file's length in bytes.</param>
/// <param name="Head">Its first bytes, at most <see cref="HeadLength"/>.</param>
/// <param name="Tail">Its last bytes, at most <see cref="TailLength"/>.</param>
internal sealed record ProbeWindow(long Length, byte[] Head, byte[] Tail)
{
    /// <summary>4 KiB: a descriptor's first lines; every magic is in the first 80 bytes.</summary>
    public const int HeadLength = 4096;

    /// <summary>1 KiB: the footer of a fixed VHD, the header of a cloop that has it
    /// last.</summary>
    public const int TailLength = 1024;

    public static async ValueTask<ProbeWindow> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        long length = file.Length;
        byte[] head = new byte[Math.Min(HeadLength, length)];
        byte[] tail = new byte[Math.Min(TailLength, length)];
        await file.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        await file.ReadAsync(length - tail.Length, tail, cancellationToken).ConfigureAwait(false);
        return new ProbeWindow(length, head, tail);
    }

    /// <summary>Whether the file has these bytes at an offset from its beginning.</summary>
    public bool Has(int offset, ReadOnlySpan<byte> magic) =>
        Head.Length >= offset + magic.Length && Head.AsSpan(offset).StartsWith(magic);

    /// <summary>Whether the file has these bytes at so many bytes before its end.</summary>
    public bool EndsWith(int fromEnd, ReadOnlySpan<byte> magic) =>
        Tail.Length >= fromEnd && Tail.AsSpan(Tail.Length - fromEnd).StartsWith(magic);
}
