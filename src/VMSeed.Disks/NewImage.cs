using VMSeed.Blocks;
using VMSeed.Blocks.Overlay;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Converting;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks;

// An image comes to be in one of two ways: written forwards, from its first byte to its last, by
// formats that pack; or made empty, and then filled as any disk is. Only the second can lie over a
// parent, and only the first into a stream.

/// <summary>New images: made empty, or with the content of a disk.</summary>
internal static class NewImage
{
    /// <summary>What gathers packed units, of some 30 KiB each, before they are written to a file:
    /// 1 MiB, with which the calls' cost vanishes.</summary>
    private const int ForwardBuffer = 1024 * 1024;

    /// <summary>The file that stands for a new image in its folder; null where it is no
    /// folder.</summary>
    public static string? FolderFileOf(VirtualDiskCreateOptions options)
    {
        FormatDriver driver = FormatProbe.Of(options.Format);
        return driver.IsFolder(options) ? driver.FolderFile : null;
    }

    /// <summary>Makes an image that reads as zeros or as its parent, and opens it for
    /// writing.</summary>
    public static async ValueTask<VirtualDisk> CreateAsync(
        NewFiles files, VirtualDiskCreateOptions options, CancellationToken cancellationToken)
    {
        BlockDevice file = files.OpenMain();
        try
        {
            return await CreateAsync(file, files.Path, files, options, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes an image in an empty file, which becomes the disk's when this
    /// succeeds.</summary>
    public static async ValueTask<VirtualDisk> CreateAsync(
        BlockDevice file,
        string? name,
        FileResolver files,
        VirtualDiskCreateOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Length, nameof(options));
        var parent = options.Parent as VirtualDisk;
        await FormatProbe.Of(options.Format).CreateAsync(
            new CreateRequest(file, options, files)
            {
                FileName = name,
                ParentIdentity = parent?.Ids,
                ParentFormat = options.ParentFormat ?? parent?.Info.Format ?? DiskFormat.Raw,
            },
            cancellationToken).ConfigureAwait(false);
        var open = new VirtualDiskOptions
        {
            Format = options.Format,
            CanWrite = true,
            Files = files,
            Parent = options.Parent,
            TableCacheSize = options.TableCacheSize,
            Time = options.Time,
            NewGuid = options.NewGuid,
        };
        return await VirtualDisk.OpenAsync(file, name, open, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes a disk into new files, which are then closed.</summary>
    public static async ValueTask WriteAsync(
        BlockDevice source,
        NewFiles files,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken)
    {
        CheckRoom(source, options);
        if (FormatProbe.Of(options.Format).IsWrittenForwards(options))
        {
            BlockDevice file = files.OpenMain();
            await using (file.ConfigureAwait(false))
            {
                BufferedStream stream = new(file.AsStream(), ForwardBuffer);
                await using (stream.ConfigureAwait(false))
                {
                    await WriteAsync(source, stream, options, progress, cancellationToken)
                        .ConfigureAwait(false);
                }

                files.IsWritten = true;
            }
        }
        else
        {
            await FillAsync(
                    source,
                    MapWalk.ExtentsAsync(source, 0, source.Length, cancellationToken),
                    files,
                    options,
                    progress,
                    cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Writes a disk into a stream, from the image's first byte to its last.</summary>
    public static ValueTask WriteAsync(
        BlockDevice source,
        Stream target,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken)
    {
        CheckRoom(source, options);
        CopySink sink = options.Format == DiskFormat.Raw
            ? new StreamSink(target, options.Length)
            : new ForwardSink(FormatProbe.Of(options.Format).CreateWriter(target, options));
        return CopyAsync(
            source,
            MapWalk.ExtentsAsync(source, 0, source.Length, cancellationToken),
            sink,
            progress,
            cancellationToken);
    }

    /// <summary>Writes what an overlay has changed into new files of an image over the overlay's
    /// base.</summary>
    public static ValueTask WriteChangesAsync(
        OverlayDisk source,
        NewFiles files,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken)
    {
        CheckRoom(source, options);
        return FillAsync(
            source,
            source.ChangesAsync(cancellationToken),
            files,
            options,
            progress,
            cancellationToken);
    }

    private static async ValueTask FillAsync(
        BlockDevice source,
        IAsyncEnumerable<Extent> extents,
        NewFiles files,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (options.Compress)
        {
            string shape = options.Variant is { } variant ? $" of the shape {variant}" : "";
            throw DiskFormatException.Unsupported(
                $"{options.Format} images{shape} have no compressed units.");
        }

        VirtualDisk disk = await CreateAsync(files, options, cancellationToken)
            .ConfigureAwait(false);
        await using (disk.ConfigureAwait(false))
        {
            CopySink sink = options.Parent is null
                ? new DeviceSink(disk, isZero: true, isOrdered: options.Format != DiskFormat.Raw)
                : new DifferenceSink(disk);
            await CopyAsync(source, extents, sink, progress, cancellationToken)
                .ConfigureAwait(false);
            files.IsWritten = true;
        }
    }

    private static ValueTask CopyAsync(
        BlockDevice source,
        IAsyncEnumerable<Extent> extents,
        CopySink sink,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken) =>
        CopyPipeline.RunAsync(
            source,
            extents,
            0,
            sink,
            new CopyTicks(source.Length, progress),
            cancellationToken);

    private static void CheckRoom(BlockDevice source, VirtualDiskCreateOptions options)
    {
        if (options.Length < source.Length)
        {
            throw new ArgumentException(
                $"The image is to have {options.Length} bytes; the source has {source.Length}.",
                nameof(options));
        }
    }
}
