using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Structures;

// A growing image has its footer twice, and any of the two may be lost: the one at the end to a
// crash while the file grew, the copy at the beginning to whoever wrote over it. QEMU goes by the
// copy, so where both hold and differ, which a crash within a resize leaves, the copy is right. A
// fixed image has the one at the end only; what its guest writes at its beginning is data, whatever
// it looks like.

/// <summary>The structures of an image that do not move while it is open for reading.</summary>
/// <param name="Footer">The footer that is believed.</param>
/// <param name="Header">Of growing images: where the table is; null for fixed ones.</param>
/// <param name="HasEnd">Whether the file ends with that footer.</param>
/// <param name="HasCopy">Whether the file begins with it, where it should.</param>
internal sealed record VhdParts(VhdFooter Footer, VhdHeader? Header, bool HasEnd, bool HasCopy)
{
    public bool IsDifferencing => Footer.Type == Differencing;

    /// <summary>Reads the structures and holds each to the others.</summary>
    /// <param name="file">The file.</param>
    /// <param name="rule">Which of the disk's sizes counts.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <exception cref="DiskFormatException">No footer holds, or they contradict each
    /// other.</exception>
    public static async ValueTask<VhdParts> ReadAsync(
        BlockDevice file, VhdSizeRule rule, CancellationToken cancellationToken)
    {
        VhdFooter? end = await ReadEndAsync(file, rule, cancellationToken).ConfigureAwait(false);
        if (end?.Type == Fixed)
        {
            return Check(new VhdParts(end, null, HasEnd: true, HasCopy: true), file.Length);
        }

        byte[] head = new byte[(int)Math.Min(FooterLength, file.Length)];
        await file.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        var copy = VhdFooter.TryParse(head, rule);
        VhdFooter footer = (copy?.Type == Fixed ? null : copy) ?? end
            ?? throw DiskFormatException.Corrupt(
                "The VHD has no footer whose checksum holds, neither at its end nor at its "
                + "beginning.");
        VhdHeader header = await ReadHeaderAsync(file, footer, cancellationToken)
            .ConfigureAwait(false);
        return Check(
            new VhdParts(footer, header, IsSame(end, footer), IsSame(copy, footer)), file.Length);
    }

    private static async ValueTask<VhdFooter?> ReadEndAsync(
        BlockDevice file, VhdSizeRule rule, CancellationToken cancellationToken)
    {
        byte[] tail = new byte[(int)Math.Min(FooterLength, file.Length)];
        await file.ReadAsync(file.Length - tail.Length, tail, cancellationToken)
            .ConfigureAwait(false);
        return VhdFooter.TryParse(tail, rule)
            ?? VhdFooter.TryParse(
                tail.AsSpan(Math.Max(0, tail.Length - ShortFooterLength)), rule);
    }

    private static async ValueTask<VhdHeader> ReadHeaderAsync(
        BlockDevice file, VhdFooter footer, CancellationToken cancellationToken)
    {
        if (footer.HeaderOffset < FooterLength || footer.HeaderOffset > file.Length - HeaderLength)
        {
            throw DiskFormatException.Corrupt(
                $"The VHD's header is said to be at {footer.HeaderOffset} of the {file.Length} "
                + "bytes of the file.");
        }

        byte[] bytes = new byte[HeaderLength];
        await file.ReadAsync(footer.HeaderOffset, bytes, cancellationToken).ConfigureAwait(false);
        return VhdHeader.Parse(bytes, footer.DiskSize, file.Length);
    }

    private static bool IsSame(VhdFooter? one, VhdFooter other) =>
        one is not null && one.Bytes.Span.SequenceEqual(other.Bytes.Span);

    private static VhdParts Check(VhdParts parts, long fileLength)
    {
        VhdFooter footer = parts.Footer;
        if (footer.Version >> 16 != Version1 >> 16)
        {
            throw DiskFormatException.Unsupported(
                $"The VHD has version {footer.Version >> 16}.{footer.Version & 0xFFFF}; 1.0 is "
                + "read.");
        }

        if (footer.Type is < Fixed or > Differencing)
        {
            throw DiskFormatException.Unsupported(
                $"The VHD is of the type {footer.Type}; 2 to 4 (fixed, dynamic, differencing) are "
                + "read.");
        }

        long most = footer.Type == Fixed ? fileLength - ShortFooterLength : GreatestSize;
        if (footer.DiskSize < 0 || footer.DiskSize > most)
        {
            throw DiskFormatException.Corrupt(
                $"The VHD says that its disk has {footer.DiskSize} bytes; {most} is the most "
                + "here.");
        }

        return parts;
    }
}
