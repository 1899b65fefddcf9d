using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using VMSeed.Disks.Formats.Vmdk.Extents;
using VMSeed.Disks.Formats.Vmdk.Headers;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk;

/// <summary>VMware's format: a descriptor, in a file of its own or within its only
/// extent.</summary>
internal sealed class VmdkDriver : FormatDriver
{
    public override DiskFormat Format => DiskFormat.Vmdk;

    public override bool Recognizes(ProbeWindow window) =>
        SparseHeader.Recognizes(window.Head)
        || CowdHeader.Recognizes(window.Head)
        || SeSparseHeader.Recognizes(window.Head)
        || IsDescriptor(window.Head);

    public override async ValueTask<DiskImage> OpenAsync(
        OpenRequest request, CancellationToken cancellationToken)
    {
        if (request.CanWrite)
        {
            throw DiskFormatException.Unsupported("VMDKs are read only.");
        }

        BlockDevice file = request.File;
        byte[] head = new byte[Math.Min(SectorSize, file.Length)];
        await file.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        if (CowdHeader.Recognizes(head) || SeSparseHeader.Recognizes(head))
        {
            throw Part();
        }

        SparseHeader? header = SparseHeader.Recognizes(head) ? SparseHeader.Parse(head) : null;
        VmdkDescriptor descriptor = header is null
            ? await ReadDescriptorAsync(file, 0, file.Length, cancellationToken)
                .ConfigureAwait(false)
            : await ReadDescriptorAsync(file, header, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(request, header, descriptor, cancellationToken)
            .ConfigureAwait(false);
    }

    private static async ValueTask<DiskImage> OpenAsync(
        OpenRequest request,
        SparseHeader? header,
        VmdkDescriptor descriptor,
        CancellationToken cancellationToken)
    {
        var files = new ExtentFiles(request.Files);
        try
        {
            // Within a sparse file, the file itself is the extent, whatever name is given to it.
            VmdkExtent[] extents = header is null
                ? await new ExtentOpener(files, request.Options)
                    .OpenAllAsync(descriptor.Extents, cancellationToken).ConfigureAwait(false)
                : [await ExtentOpener.OpenSparseAsync(
                    request.File,
                    header,
                    start: 0,
                    header.Capacity * SectorSize,
                    request.Options.TableCacheSize,
                    cancellationToken).ConfigureAwait(false)];
            if (extents.Length == 0)
            {
                throw DiskFormatException.Corrupt("The VMDK's descriptor names no extents.");
            }

            OpenedParent? parent = await VmdkParent
                .OpenAsync(descriptor, request.Parents, cancellationToken).ConfigureAwait(false);
            var map = new VmdkMap(request.File, files, extents, request.Options.LeaveOpen);
            return new VmdkImage(map, descriptor, parent, header?.IsUnclean ?? false);
        }
        catch
        {
            await files.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static ValueTask<VmdkDescriptor> ReadDescriptorAsync(
        BlockDevice file, SparseHeader header, CancellationToken cancellationToken)
    {
        if (header.DescriptorOffset == 0)
        {
            throw Part();
        }

        const int Most = GreatestDescriptor / SectorSize;
        if (header.DescriptorOffset < 0 || header.DescriptorSectors is < 0 or > Most
            || header.DescriptorOffset >= file.Length / SectorSize)
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's descriptor of {header.DescriptorSectors} sectors at "
                + $"{header.DescriptorOffset} does not lie within {file.Length} bytes, or is "
                + $"longer than {Most} sectors.");
        }

        return ReadDescriptorAsync(
            file,
            header.DescriptorOffset * SectorSize,
            header.DescriptorSectors * SectorSize,
            cancellationToken);
    }

    private static async ValueTask<VmdkDescriptor> ReadDescriptorAsync(
        BlockDevice file, long offset, long length, CancellationToken cancellationToken)
    {
        if (length > GreatestDescriptor)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK's descriptor has {length} bytes; at most {GreatestDescriptor} are "
                + "read.");
        }

        byte[] bytes = new byte[Math.Min(length, file.Length - offset)];
        await file.ReadAsync(offset, bytes, cancellationToken).ConfigureAwait(false);
        return VmdkDescriptor.Parse(bytes);
    }

    // After comments and blanks comes the version; a CID is what no other text has.
    private static bool IsDescriptor(byte[] head)
    {
        string text = Encoding.Latin1.GetString(head);
        string? first = text.Split('\n')
            .Select(line => line.Trim())
            .FirstOrDefault(line => line.Length > 0 && line[0] != '#');
        return first is not null
            && first.StartsWith("version", StringComparison.OrdinalIgnoreCase)
            && text.Contains("CID", StringComparison.OrdinalIgnoreCase);
    }

    private static DiskFormatException Part() => DiskFormatException.Unsupported(
        "The file is an extent of a VMDK; open the descriptor that names it.");
}
