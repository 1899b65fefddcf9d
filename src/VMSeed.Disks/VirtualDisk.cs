using System.Runtime.CompilerServices;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks;

/// <summary>The disk in an image file of any format, over any device: a local file, or one that is
/// itself read lazily from far away.</summary>
/// <remarks>
/// As thread-safe as every device. A disk that is written keeps a disk's promise: what was flushed
/// is there after a loss of power, what was not is old or new, and never another block's bytes.
/// Close it with <see cref="DisposeAsync"/>, which flushes and marks the image as closed.
/// </remarks>
public sealed class VirtualDisk : BlockDevice
{
    private readonly DiskImage _image;
    private readonly BlockDevice _disk;

    internal VirtualDisk(DiskImage image, ContentIdentity? identity = null)
    {
        _image = image;
        _disk = image.Disk;
        Identity = identity;
    }

    /// <inheritdoc/>
    public override long Length => _disk.Length;

    /// <inheritdoc/>
    public override bool CanWrite => _disk.CanWrite;

    /// <summary>What the image says of itself.</summary>
    public DiskInfo Info => _image.Info;

    /// <summary>The content of the image's file, where its device vouches for it and the image is
    /// that one file, to be read only.</summary>
    public override ContentIdentity? Identity { get; }

    /// <summary>The identifiers by which a child knows this image again.</summary>
    internal DiskIdentity Ids => _image.Identity;

    /// <summary>Opens an image by its path.</summary>
    /// <param name="path">The image's file, or the folder of a bundle.</param>
    /// <param name="options">How; null for the defaults: read only, by content, with the files of
    /// its own folder granted to it.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The disk.</returns>
    /// <exception cref="DiskFormatException">The image cannot be used, and why.</exception>
    public static async ValueTask<VirtualDisk> OpenFileAsync(
        string path,
        VirtualDiskOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new VirtualDiskOptions();
        string full = FormatProbe.FindFile(Path.GetFullPath(path));
        options = options with
        {
            Files = options.Files ?? new FolderFiles(Path.GetDirectoryName(full)!),
            LeaveOpen = false,
        };
        FileBlockDevice file = FileBlockDevice.Open(
            full,
            options.CanWrite ? FileAccess.ReadWrite : FileAccess.Read,
            share: options.CanWrite ? FileShare.None : FileShare.Read);
        try
        {
            return await OpenAsync(file, full, options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens an image that lies on a device.</summary>
    /// <param name="file">The image's file. The disk closes it with itself, unless the options say
    /// otherwise; it stays the caller's when the image cannot be opened.</param>
    /// <param name="options">How; null for the defaults: read only, by content, with no other file
    /// granted to it.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The disk.</returns>
    /// <exception cref="DiskFormatException">The image cannot be used, and why.</exception>
    public static ValueTask<VirtualDisk> OpenAsync(
        BlockDevice file,
        VirtualDiskOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return OpenAsync(file, null, options ?? new VirtualDiskOptions(), cancellationToken);
    }

    /// <summary>Opens an image that has a name, or none.</summary>
    internal static async ValueTask<VirtualDisk> OpenAsync(
        BlockDevice file,
        string? name,
        VirtualDiskOptions options,
        CancellationToken cancellationToken)
    {
        options.Validate();
        FormatDriver driver = options.Format is { } format
            ? FormatProbe.Of(format)
            : await FormatProbe.FindAsync(file, cancellationToken).ConfigureAwait(false);
        if (options.Snapshot is { } snapshot && !driver.HasSnapshots)
        {
            throw DiskFormatException.Unsupported(
                $"{driver.Format} images hold no snapshots that could be opened, and "
                + $"'{snapshot}' was asked for.");
        }

        WatchedFiles files = new(options.Files ?? FileResolver.None);
        DiskImage image = await driver.OpenAsync(
            new OpenRequest(file, options, files, new ParentChain(options, files, [name]))
            {
                FileName = name,
            },
            cancellationToken).ConfigureAwait(false);
        bool standsAlone = !options.CanWrite && options.Parent is null && !files.WereAsked;
        return new VirtualDisk(image, standsAlone ? Identify(image, file, options) : null);
    }

    /// <summary>Makes a new image in an empty file and opens it for writing.</summary>
    /// <param name="file">An empty file that can grow. The disk closes it with itself.</param>
    /// <param name="options">What kind of image.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>The disk, which reads as zeros or as its parent.</returns>
    /// <exception cref="DiskFormatException">The format cannot be what the options ask
    /// for.</exception>
    public static ValueTask<VirtualDisk> CreateAsync(
        BlockDevice file,
        VirtualDiskCreateOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        return NewImage.CreateAsync(
            file, null, FileResolver.None, options, cancellationToken);
    }

    /// <summary>Makes a new image file and opens it for writing.</summary>
    /// <param name="path">Its path; nothing may be there yet. What has several files puts the
    /// others beside it; a bundle is made as a folder of that name.</param>
    /// <param name="options">What kind of image.</param>
    /// <param name="cancellationToken">Gives the work up; a file that was begun is
    /// removed.</param>
    /// <returns>The disk, which reads as zeros or as its parent.</returns>
    /// <exception cref="DiskFormatException">The format cannot be what the options ask
    /// for.</exception>
    public static async ValueTask<VirtualDisk> CreateFileAsync(
        string path,
        VirtualDiskCreateOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using NewFiles files = new(path, NewImage.FolderFileOf(options), flushOnce: false);
        VirtualDisk disk = await NewImage.CreateAsync(files, options, cancellationToken)
            .ConfigureAwait(false);
        files.Keep();
        return disk;
    }

    /// <summary>Holds every structure of the image against every other.</summary>
    /// <param name="repair">Whether to mend what can be mended without a loss; the disk must be
    /// open for writing.</param>
    /// <param name="progress">Hears the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Gives the check up.</param>
    /// <returns>What was found.</returns>
    public ValueTask<CheckReport> CheckAsync(
        bool repair = false,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (repair && !CanWrite)
        {
            throw new NotSupportedException($"{this} is open for reading; a repair writes.");
        }

        return _image.CheckAsync(repair, progress, cancellationToken);
    }

    /// <summary>What the image itself holds, without its parents: data and zeros, in order; what
    /// lies below shows through in the gaps.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The extents; neighbours may be of the same kind.</returns>
    public async IAsyncEnumerable<Extent> OwnExtentsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (long offset = 0; offset < Length;)
        {
            (Extent extent, bool isOwn) = _disk is MappedDisk mapped
                ? await mapped.MapOwnAsync(offset, Length - offset, cancellationToken)
                    .ConfigureAwait(false)
                : (await _disk.MapAsync(offset, Length - offset, cancellationToken)
                    .ConfigureAwait(false), true);
            if (isOwn)
            {
                yield return extent;
            }

            offset = extent.End;
        }
    }

    /// <summary>Notes another parent in a differencing image, and changes nothing else.</summary>
    /// <param name="name">How the image is to name it; null for none, with zeros below.</param>
    /// <param name="parent">The parent, to be known again; null where it is not at
    /// hand.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the change is durable. The open disk goes on over the
    /// parent that it was opened with.</returns>
    /// <remarks>A parent whose content is not what the image was made over shows through as
    /// garbage: this is for a parent that has moved.</remarks>
    /// <exception cref="DiskFormatException">The format cannot do it in
    /// place.</exception>
    public ValueTask RenameParentAsync(
        string? name, VirtualDisk? parent = null, CancellationToken cancellationToken = default)
    {
        if (!CanWrite)
        {
            throw new NotSupportedException($"{this} is open for reading.");
        }

        return _image.SetParentAsync(
            name, parent?.Info.Format, parent?.Ids ?? DiskIdentity.None, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        _disk.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default) =>
        _disk.SetLengthAsync(length, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _image.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The format and the shape.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Info.Format} ({Info.Variant})";

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _disk.ReadAsync(offset, buffer, cancellationToken);

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) =>
        _disk.Read(offset, buffer);

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        _disk.WriteAsync(offset, data, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _disk.ZeroAsync(offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _disk.TrimAsync(offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _disk.MapAsync(offset, length, cancellationToken);

    // Of one file in two formats, and of two snapshots, are two disks.
    private static ContentIdentity? Identify(
        DiskImage image, BlockDevice file, VirtualDiskOptions options)
    {
        if (file.Identity is not { } content || image.Info.Format == DiskFormat.Raw)
        {
            return file.Identity;
        }

        string snapshot = options.Snapshot is { } name ? $"snapshot {name} " : "";
        return new ContentIdentity($"{image.Info.Format} {snapshot}in {content.Value}")
        {
            Name = content.Name,
            Address = content.Address,
        };
    }
}
