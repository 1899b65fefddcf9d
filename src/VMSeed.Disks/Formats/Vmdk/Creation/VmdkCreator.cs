using System.Numerics;
using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Creation;

/// <summary>Makes new VMDKs, in one file or in several.</summary>
internal static class VmdkCreator
{
    /// <summary>2047 MiB: what VMware puts into a file of a disk that is split for old file
    /// systems.</summary>
    private const long SplitSectors = 4192256;

    /// <summary>64 KiB: the grain of every product's images.</summary>
    private const int DefaultGrain = 64 << 10;

    /// <summary>4 KiB: the smallest grain that VirtualBox opens.</summary>
    private const int LeastGrain = 4 << 10;

    /// <summary>64 KiB: the largest grain that VMware's library opens.</summary>
    private const int GreatestGrain = 64 << 10;

    /// <summary>Writes a new image, and makes it durable.</summary>
    /// <exception cref="DiskFormatException">The format has no such image.</exception>
    public static ValueTask CreateAsync(CreateRequest request, CancellationToken cancellationToken)
    {
        CheckOptions(request.Options);
        return (request.Options.Variant ?? "monolithicSparse") switch
        {
            "monolithicSparse" => CreateSingleAsync(request, cancellationToken),
            "twoGbMaxExtentSparse" => CreateSplitAsync(
                request, "SPARSE", "-s", SplitSectors, cancellationToken),
            "twoGbMaxExtentFlat" => CreateSplitAsync(
                request, "FLAT", "-f", SplitSectors, cancellationToken),
            "monolithicFlat" => CreateSplitAsync(
                request, "FLAT", "-flat", long.MaxValue, cancellationToken),
            "streamOptimized" => throw DiskFormatException.Unsupported(
                "A streamOptimized VMDK is written from its beginning to its end: convert into "
                + "it."),
            _ => throw DiskFormatException.Unsupported(
                $"VMDKs of type {request.Options.Variant} are not made; monolithicSparse, "
                + "monolithicFlat, twoGbMaxExtentSparse and twoGbMaxExtentFlat are."),
        };
    }

    /// <summary>The grain that is asked for, in sectors.</summary>
    public static int GrainSectors(VirtualDiskCreateOptions options) =>
        (options.BlockSize ?? DefaultGrain) / SectorSize;

    /// <summary>Fails where no VMDK has such a grain or such sectors.</summary>
    public static void CheckOptions(VirtualDiskCreateOptions options)
    {
        int grain = options.BlockSize ?? DefaultGrain;
        if (!BitOperations.IsPow2(grain) || grain is < LeastGrain or > GreatestGrain)
        {
            throw DiskFormatException.Unsupported(
                $"A VMDK's grain of {grain} bytes must be a power of two from {LeastGrain} to "
                + $"{GreatestGrain}.");
        }

        if (options.SectorSize != SectorSize)
        {
            throw DiskFormatException.Unsupported(
                $"A VMDK's sectors have {SectorSize} bytes, not {options.SectorSize}.");
        }
    }

    /// <summary>Whether a new image lies over a parent, from which its zeros must be
    /// told.</summary>
    public static bool HasParent(VirtualDiskCreateOptions options) =>
        (options.Parent, options.ParentName) is not (null, null);

    private static ValueTask CreateSingleAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        long sectors = Sectors(request.Options);
        string line = DescriptorText.Line(
            sectors, "SPARSE", Path.GetFileName(request.FileName ?? "disk.vmdk"));
        return SparseLayout.WriteAsync(
            request.File,
            sectors,
            GrainSectors(request.Options),
            Describe(request, "monolithicSparse", [line]),
            request.Options,
            cancellationToken);
    }

    // The descriptor last: without it the other files are none of a disk.
    private static async ValueTask CreateSplitAsync(
        CreateRequest request,
        string type,
        string suffix,
        long most,
        CancellationToken cancellationToken)
    {
        long sectors = Sectors(request.Options);
        List<string> lines = [];
        for (long start = 0; start < sectors || start == 0; start += most)
        {
            long length = Math.Min(most, sectors - start);
            string name = Name(request, suffix, most < long.MaxValue ? lines.Count + 1 : 0);
            lines.Add(DescriptorText.Line(length, type, name));
            BlockDevice file = await request.Files.CreateAsync(name, cancellationToken)
                .ConfigureAwait(false);
            await using (file.ConfigureAwait(false))
            {
                await FillAsync(request, file, type, length, cancellationToken)
                    .ConfigureAwait(false);
            }

            if (length == sectors - start)
            {
                break;
            }
        }

        byte[] text = Describe(request, request.Options.Variant!, lines);
        await request.File.SetLengthAsync(text.Length, cancellationToken).ConfigureAwait(false);
        await request.File.WriteAsync(0, text, cancellationToken).ConfigureAwait(false);
        await request.File.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask FillAsync(
        CreateRequest request,
        BlockDevice file,
        string type,
        long sectors,
        CancellationToken cancellationToken)
    {
        if (type == "SPARSE")
        {
            await SparseLayout.WriteAsync(
                file,
                sectors,
                GrainSectors(request.Options),
                descriptor: null,
                request.Options,
                cancellationToken).ConfigureAwait(false);
            return;
        }

        await file.SetLengthAsync(sectors * SectorSize, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static byte[] Describe(
        CreateRequest request, string createType, IReadOnlyList<string> lines)
    {
        bool hasParent = HasParent(request.Options);
        if (hasParent && createType.EndsWith("Flat", StringComparison.Ordinal))
        {
            throw DiskFormatException.Unsupported(
                $"A VMDK of type {createType} has no place for what is a parent's.");
        }

        var text = new DescriptorText
        {
            CreateType = createType,
            ExtentLines = lines,
            Sectors = Sectors(request.Options),
            Id = request.Options.NewGuid(),
            ParentCid = hasParent ? VmdkParent.ToCid(request.ParentIdentity) : NoParent,
            ParentName = request.Options.ParentName,
        };
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Name(CreateRequest request, string suffix, int number)
    {
        string stem = Path.GetFileNameWithoutExtension(request.FileName ?? "disk.vmdk");
        return number > 0 ? $"{stem}{suffix}{number:000}.vmdk" : $"{stem}{suffix}.vmdk";
    }

    private static long Sectors(VirtualDiskCreateOptions options) =>
        FileTail.Align(options.Length, SectorSize) / SectorSize;
}
