using System.Text;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>The 512 bytes at the end of every VHD, of which growing ones have a copy at their
/// beginning.</summary>
internal sealed class VhdFooter
{
    private readonly byte[] _bytes;

    private VhdFooter(byte[] bytes) => _bytes = bytes;

    public ReadOnlyMemory<byte> Bytes => _bytes;

    public uint Version => VhdBytes.UInt32(_bytes, VersionOffset);

    /// <summary>Where the header lies that growing images have.</summary>
    public long HeaderOffset => VhdBytes.Int64(_bytes, HeaderPointerOffset);

    /// <summary>The program that made the image, in four characters.</summary>
    public string Creator => Encoding.Latin1.GetString(_bytes, CreatorOffset, 4);

    public long CurrentSize => VhdBytes.Int64(_bytes, CurrentSizeOffset);

    public VhdGeometry Geometry => new(
        (_bytes[GeometryOffset] << 8) | _bytes[GeometryOffset + 1],
        _bytes[GeometryOffset + 2],
        _bytes[GeometryOffset + 3]);

    public uint Type => VhdBytes.UInt32(_bytes, TypeOffset);

    public Guid Id => VhdBytes.Id(_bytes, IdOffset);

    /// <summary>Which of the two sizes counts.</summary>
    public VhdSizeRule Rule { get; init; }

    /// <summary>The disk's size in bytes: by default the geometry's where the maker was a program
    /// that goes by it (Virtual PC, QEMU), else the one in bytes. QEMU 10 and later decide the
    /// same.</summary>
    public long DiskSize => Rule switch
    {
        VhdSizeRule.Bytes => CurrentSize,
        VhdSizeRule.Geometry => Geometry.Size,
        _ => Creator is "vpc " or "qemu" && Geometry.Size < CurrentSize
            && Geometry != VhdGeometry.Largest
            ? Geometry.Size
            : CurrentSize,
    };

    /// <summary>Reads a footer.</summary>
    /// <param name="bytes">Its 512 bytes, or 511 of an old one.</param>
    /// <param name="rule">Which of its sizes counts.</param>
    /// <returns>Null where there is none whose checksum holds.</returns>
    public static VhdFooter? TryParse(ReadOnlySpan<byte> bytes, VhdSizeRule rule)
    {
        if (bytes.Length < ShortFooterLength || !bytes.StartsWith(FooterCookie)
            || VhdBytes.Checksum(bytes, FooterChecksumOffset)
                != VhdBytes.UInt32(bytes, FooterChecksumOffset))
        {
            return null;
        }

        byte[] copy = new byte[FooterLength];
        bytes.CopyTo(copy);
        return new VhdFooter(copy) { Rule = rule };
    }

    /// <summary>The footer of a new image.</summary>
    /// <param name="type">Fixed, dynamic or differencing.</param>
    /// <param name="size">The disk's, in bytes.</param>
    /// <param name="options">Who makes it, when, and what it is called.</param>
    public static VhdFooter New(uint type, long size, VirtualDiskCreateOptions options)
    {
        byte[] bytes = new byte[FooterLength];
        FooterCookie.CopyTo(bytes);
        VhdBytes.Put(bytes, FeaturesOffset, Features);
        VhdBytes.Put(bytes, VersionOffset, Version1);
        VhdBytes.Put(bytes, HeaderPointerOffset, type == Fixed ? -1L : FooterLength);
        VhdBytes.Put(bytes, TimestampOffset, VhdTime.Of(options.Time.GetUtcNow()));
        Encoding.Latin1.GetBytes(
            options.CreatorApplication ?? OwnCreator, bytes.AsSpan(CreatorOffset, 4));
        VhdBytes.Put(bytes, CreatorVersionOffset, Version1);
        "Wi2k"u8.CopyTo(bytes.AsSpan(CreatorHostOffset));
        VhdBytes.Put(bytes, OriginalSizeOffset, size);
        VhdBytes.Put(bytes, TypeOffset, type);
        VhdBytes.Put(bytes, IdOffset, options.NewGuid());
        return new VhdFooter(bytes).WithSize(size);
    }

    /// <summary>The same footer for another size, which counts in bytes.</summary>
    public VhdFooter WithSize(long size) => With(VhdSizeRule.Bytes, bytes =>
    {
        VhdGeometry geometry = Creator == WindowsCreator
            ? VhdGeometry.Of(size)
            : VhdGeometry.ExactOrLargest(size);
        VhdBytes.Put(bytes, CurrentSizeOffset, size);
        bytes[GeometryOffset] = (byte)(geometry.Cylinders >> 8);
        bytes[GeometryOffset + 1] = (byte)geometry.Cylinders;
        bytes[GeometryOffset + 2] = geometry.Heads;
        bytes[GeometryOffset + 3] = geometry.SectorsPerTrack;
    });

    /// <summary>The same footer with the header elsewhere.</summary>
    public VhdFooter WithHeader(long offset) =>
        With(Rule, bytes => VhdBytes.Put(bytes, HeaderPointerOffset, offset));

    private VhdFooter With(VhdSizeRule rule, Action<byte[]> change)
    {
        byte[] bytes = [.. _bytes];
        change(bytes);
        VhdBytes.Put(
            bytes, FooterChecksumOffset, VhdBytes.Checksum(bytes, FooterChecksumOffset));
        return new VhdFooter(bytes) { Rule = rule };
    }
}
