using System.Numerics;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

// The order in a new file: copy of the footer, header, names of the parent, table, footer. The
// first block then begins so that its data, not its bitmap, is aligned (VhdSpace).

/// <summary>Makes new images.</summary>
internal static class VhdCreation
{
    /// <summary>Azure's disks have whole MiBs, and 20 of them at the least.</summary>
    private const long AzureUnit = 1 << 20;

    private const long LeastAzureSize = 20 * AzureUnit;

    public static async ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        VirtualDiskCreateOptions options = request.Options;
        uint type = TypeOf(options);
        long size = SizeOf(options);
        Check(options, type, size);
        VhdFooter footer = VhdFooter.New(type, size, options);
        if (type == Fixed)
        {
            await request.File.SetLengthAsync(size + FooterLength, cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            await CreateGrowingAsync(request, footer, cancellationToken).ConfigureAwait(false);
        }

        await request.File.WriteAsync(
            request.File.Length - FooterLength, footer.Bytes, cancellationToken)
            .ConfigureAwait(false);
        await request.File.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask CreateGrowingAsync(
        CreateRequest request, VhdFooter footer, CancellationToken cancellationToken)
    {
        BlockDevice file = request.File;
        int blockSize = request.Options.BlockSize ?? DefaultBlockSize;
        long count = FileTail.Align(footer.DiskSize, blockSize) / blockSize;
        VhdParentNames names = footer.Type == Differencing
            ? VhdParentNames.Of(
                request.Options.ParentName, request.FileName, FooterLength + HeaderLength)
            : new VhdParentNames([], FooterLength + HeaderLength);
        long end = names.End + FileTail.Align(count * sizeof(uint), SectorSize);
        var header = VhdHeader.New(names.End, count, blockSize);
        if (footer.Type == Differencing)
        {
            Guid parent = request.ParentIdentity?.Id ?? Guid.Empty;
            header = header.WithParent(parent, names.Longest, names.Locators);
        }

        await file.SetLengthAsync(end + FooterLength, cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(0, footer.Bytes, cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(FooterLength, header.Bytes, cancellationToken).ConfigureAwait(false);
        await names.WriteAsync(file, cancellationToken).ConfigureAwait(false);
        await WriteTableAsync(file, names.End, end, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask WriteTableAsync(
        BlockDevice file, long offset, long end, CancellationToken cancellationToken)
    {
        byte[] absent = new byte[(int)Math.Min(64 << 10, end - offset)];
        Array.Fill(absent, (byte)0xFF);
        while (offset < end)
        {
            int count = (int)Math.Min(absent.Length, end - offset);
            await file.WriteAsync(offset, absent.AsMemory(0, count), cancellationToken)
                .ConfigureAwait(false);
            offset += count;
        }
    }

    private static uint TypeOf(VirtualDiskCreateOptions options) =>
        (options.Variant, options.Parent) switch
        {
            (null or "dynamic", null) => Dynamic,
            ("fixed" or "azure", null) => Fixed,
            (null or "differencing", not null) => Differencing,
            _ => throw DiskFormatException.Unsupported(
                $"A VHD {(options.Parent is null ? "without" : "over")} a parent cannot be "
                + $"'{options.Variant}'; it is 'dynamic', 'fixed' or 'azure' without one, "
                + "'differencing' over one."),
        };

    private static long SizeOf(VirtualDiskCreateOptions options)
    {
        long length = Math.Min(options.Length, GreatestSize + 1);
        return options.Variant == "azure"
            ? FileTail.Align(Math.Max(length, LeastAzureSize), AzureUnit)
            : FileTail.Align(length, SectorSize);
    }

    private static void Check(VirtualDiskCreateOptions options, uint type, long size)
    {
        Require(size <= GreatestSize, $"has {options.Length} bytes; {GreatestSize} is the most");
        Require(options.SectorSize == SectorSize, $"has sectors of {options.SectorSize} bytes; "
            + $"{SectorSize} is what there is");
        int blockSize = options.BlockSize ?? DefaultBlockSize;
        Require(
            BitOperations.IsPow2(blockSize)
                && blockSize is >= LeastBlockSize and <= GreatestBlockSize,
            $"has blocks of {blockSize} bytes; a power of two from {LeastBlockSize} to "
            + $"{GreatestBlockSize} is needed");
        Require(
            options.CreatorApplication is null
                || (options.CreatorApplication.Length == 4
                    && options.CreatorApplication.All(char.IsAscii)),
            $"was made by '{options.CreatorApplication}'; four characters of ASCII are needed");
        Require(
            type != Differencing || FileTail.Align(options.Parent!.Length, SectorSize) == size,
            $"has {size} bytes and a parent of {options.Parent?.Length}; they must be equal");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Unsupported($"No VHD {otherwise}.");
        }
    }
}
