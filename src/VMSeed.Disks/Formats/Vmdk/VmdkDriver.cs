using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Creation;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using VMSeed.Disks.Formats.Vmdk.Extents;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
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
        BlockDevice file = request.File;
        byte[] head = new byte[Math.Min(SectorSize, file.Length)];
        await file.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        if (CowdHeader.Recognizes(head) || SeSparseHeader.Recognizes(head))
        {
            throw Part();
        }

        SparseHeader? header = SparseHeader.Recognizes(head) ? SparseHeader.Parse(head) : null;
        DescriptorFile descriptor = header is null
            ? await ReadDescriptorAsync(file, 0, file.Length, cancellationToken)
                .ConfigureAwait(false)
            : await ReadDescriptorAsync(file, header, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(request, header, descriptor, cancellationToken)
            .ConfigureAwait(false);
    }

    public override ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken) =>
        VmdkCreator.CreateAsync(request, cancellationToken);

    public override bool IsWrittenForwards(VirtualDiskCreateOptions options) =>
        options.Variant == "streamOptimized" || (options.Compress && options.Variant is null);

    public override ForwardWriter CreateWriter(Stream target, VirtualDiskCreateOptions options) =>
        options.Variant is null or "streamOptimized"
            ? new VmdkStreamWriter(target, options)
            : throw DiskFormatException.Unsupported(
                $"VMDKs of type {options.Variant} are not written to a pipe; streamOptimized is.");

    private static async ValueTask<DiskImage> OpenAsync(
        OpenRequest request,
        SparseHeader? header,
        DescriptorFile descriptor,
        CancellationToken cancellationToken)
    {
        var files = new ExtentFiles(request.Files);
        var epochs = new TransferEpochs();
        try
        {
            var opener = new ExtentOpener(
                files, request.Options, epochs, descriptor.Current.HasParent);

            // Within a sparse file, the file itself is the extent, whatever name is given to it.
            VmdkExtent[] extents = header is null
                ? await opener.OpenAllAsync(descriptor.Current.Extents, cancellationToken)
                    .ConfigureAwait(false)
                : [await opener.OpenSparseAsync(
                    request.File,
                    header,
                    start: 0,
                    header.Capacity * SectorSize,
                    request.Options.TableCacheSize,
                    request.CanWrite,
                    cancellationToken).ConfigureAwait(false)];
            if (extents.Length == 0)
            {
                throw DiskFormatException.Corrupt("The VMDK's descriptor names no extents.");
            }

            var map = new VmdkMap(request, files, descriptor, extents);
            OpenedParent? parent = await VmdkParent
                .OpenAsync(descriptor.Current, request.Parents, cancellationToken)
                .ConfigureAwait(false);
            map.ParentLength = parent?.Disk.Length ?? 0;
            return new VmdkImage(map, parent, request.CanWrite ? epochs : null);
        }
        catch
        {
            await files.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static ValueTask<DescriptorFile> ReadDescriptorAsync(
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

    private static async ValueTask<DescriptorFile> ReadDescriptorAsync(
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
        return new DescriptorFile(file, offset, (int)length, VmdkDescriptor.Parse(bytes));
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
