using System.Runtime.InteropServices;

namespace VMSeed.Disks.Converting;

/// <summary>Divides bytes into runs of pages that are alike in one respect.</summary>
internal static class PageRuns
{
    /// <summary>Finds the end of the run of pages that begins at a place.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="start">Where the run begins.</param>
    /// <param name="page">Bytes of a page.</param>
    /// <param name="isZero">Whether the run's pages are zeros.</param>
    public static int EndOfZeros(
        ReadOnlySpan<byte> data, int start, int page, out bool isZero)
    {
        isZero = IsZero(Cut(data, start, page));
        int end = Math.Min(data.Length, start + page);
        while (end < data.Length && IsZero(Cut(data, end, page)) == isZero)
        {
            end = Math.Min(data.Length, end + page);
        }

        return end;
    }

    /// <summary>Finds the end of the run of pages that begins at a place.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="other">As many others.</param>
    /// <param name="start">Where the run begins.</param>
    /// <param name="page">Bytes of a page.</param>
    /// <param name="isEqual">Whether the run's pages are the same in both.</param>
    public static int EndOfEqual(
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> other,
        int start,
        int page,
        out bool isEqual)
    {
        isEqual = Cut(data, start, page).SequenceEqual(Cut(other, start, page));
        int end = Math.Min(data.Length, start + page);
        while (end < data.Length
            && Cut(data, end, page).SequenceEqual(Cut(other, end, page)) == isEqual)
        {
            end = Math.Min(data.Length, end + page);
        }

        return end;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> data, int start, int page) =>
        data.Slice(start, Math.Min(page, data.Length - start));

    // Most pages that are not zeros say so in their first word.
    private static bool IsZero(ReadOnlySpan<byte> page) =>
        !(page.Length >= sizeof(ulong) && MemoryMarshal.Read<ulong>(page) != 0)
        && !page.ContainsAnyExcept((byte)0);
}
