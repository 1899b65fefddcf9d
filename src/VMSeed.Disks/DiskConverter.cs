using VMSeed.Blocks;
using VMSeed.Blocks.Overlay;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Converting;

namespace VMSeed.Disks;

/// <summary>Copies disks: onto other devices, into streams, into images of any format.</summary>
/// <remarks>
/// Time and memory follow the data, not the size: what the source's map calls zeros is not read,
/// and pages of 4 KiB that turn out to be zeros are not written. Many reads are in flight, which
/// is what a source far away needs. What is copied is durable at the end, not before; a new file
/// is flushed on the way too, so that the end need not wait for all of it.
/// </remarks>
public static class DiskConverter
{
    /// <summary>Copies a disk, or a range of it, onto a device.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="target">What is written: at least as long as what is copied, and longer for
    /// the rest unchanged.</param>
    /// <param name="options">What is copied; null for all of it, onto a target of unknown
    /// content.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the copy up; the target is then partly
    /// written.</param>
    /// <returns>A task that is done when the copy is durable.</returns>
    /// <exception cref="ArgumentException">The target is too short.</exception>
    public static async ValueTask CopyAsync(
        BlockDevice source,
        BlockDevice target,
        DiskCopyOptions? options = null,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new DiskCopyOptions();
        long length = LengthOf(source, options);
        if (target.Length < length)
        {
            throw new ArgumentException(
                $"The target has {target.Length} bytes; the copy needs {length}.", nameof(target));
        }

        CopySink sink = options.TargetContent == CopyTargetContent.Similar
            ? new DifferenceSink(target)
            : new DeviceSink(
                target,
                isZero: options.TargetContent == CopyTargetContent.Zeros,
                isOrdered: target is VirtualDisk { Info.Format: not DiskFormat.Raw });
        await CopyRangeAsync(source, options, length, sink, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes a disk, or a range of it, into a stream, byte for byte.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="target">Where it goes, from the stream's position on; need not seek, and stays
    /// open.</param>
    /// <param name="options">What is copied; null for all of it.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the copy up.</param>
    /// <returns>A task that is done when the stream is flushed.</returns>
    public static async ValueTask CopyToStreamAsync(
        BlockDevice source,
        Stream target,
        DiskCopyOptions? options = null,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new DiskCopyOptions();
        long length = LengthOf(source, options);
        await CopyRangeAsync(
            source, options, length, new StreamSink(target, length), progress, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes a disk into a new image in an empty file, and closes the image.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="file">An empty file that can grow. It is closed in any case.</param>
    /// <param name="options">What kind of image, at least as long as the source. Over a parent,
    /// only what differs from it is written.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the image is durable and closed.</returns>
    /// <exception cref="DiskFormatException">The format cannot be what the options ask
    /// for.</exception>
    public static async ValueTask ConvertAsync(
        BlockDevice source,
        BlockDevice file,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        await using (file.ConfigureAwait(false))
        {
            using NewFiles files = new(file);
            await NewImage.WriteAsync(source, files, options, progress, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Writes a disk into a new image file.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="path">The image's path; nothing may be there yet. What has several files puts
    /// the others beside it.</param>
    /// <param name="options">What kind of image, at least as long as the source. Over a parent,
    /// only what differs from it is written.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the image is durable and closed. On a failure, and when
    /// the work is given up, no file remains.</returns>
    /// <exception cref="DiskFormatException">The format cannot be what the options ask
    /// for.</exception>
    public static async ValueTask ConvertFileAsync(
        BlockDevice source,
        string path,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        using NewFiles files = new(path, NewImage.FolderFileOf(options), flushOnce: true);
        await NewImage.WriteAsync(source, files, options, progress, cancellationToken)
            .ConfigureAwait(false);
        files.Keep();
    }

    /// <summary>Writes what an overlay has changed into a new image over an image of its
    /// base.</summary>
    /// <param name="source">The overlay; of its base nothing is read.</param>
    /// <param name="path">The new image's path; nothing may be there yet.</param>
    /// <param name="options">What kind of image, over a
    /// <see cref="VirtualDiskCreateOptions.Parent"/> that reads as the base does.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the image is durable and closed. On a failure, and when
    /// the work is given up, no file remains.</returns>
    /// <exception cref="ArgumentException">There is no parent, or it is shorter than the
    /// base.</exception>
    /// <exception cref="DiskFormatException">The format cannot be what the options ask
    /// for.</exception>
    public static async ValueTask ConvertChangesAsync(
        OverlayDisk source,
        string path,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Parent is not { } parent || parent.Length < source.Base.Length)
        {
            throw new ArgumentException(
                $"The parent has {options.Parent?.Length ?? 0} bytes, the overlay's base "
                + $"{source.Base.Length}: that is no image of it.",
                nameof(options));
        }

        using NewFiles files = new(path, NewImage.FolderFileOf(options), flushOnce: true);
        await NewImage.WriteChangesAsync(source, files, options, progress, cancellationToken)
            .ConfigureAwait(false);
        files.Keep();
    }

    /// <summary>Writes a disk as an image into a stream, from the image's first byte to its
    /// last.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="target">Where it goes, from the stream's position on; stays open. Raw images
    /// and stream-optimized VMDKs go into any stream, compressed QCOW2 into one that can
    /// seek.</param>
    /// <param name="options">What kind of image, at least as long as the source.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the work up; what the stream then has is no
    /// image.</param>
    /// <returns>A task that is done when the stream has the whole image and is flushed.</returns>
    /// <exception cref="DiskFormatException">The format has no such image.</exception>
    public static async ValueTask ConvertToStreamAsync(
        BlockDevice source,
        Stream target,
        VirtualDiskCreateOptions options,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        await NewImage.WriteAsync(source, target, options, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes what a differencing image holds into its parent.</summary>
    /// <param name="child">The image; not changed.</param>
    /// <param name="parent">Its parent, open for writing; grown where the child is longer.</param>
    /// <param name="progress">Hears of every piece, one call at a time, on any thread.</param>
    /// <param name="cancellationToken">Gives the work up; the child still reads the same where its
    /// format does not mind a parent that has changed.</param>
    /// <returns>A task that is done when the parent durably reads as the child does.</returns>
    /// <remarks>A parent that has other children ends them: they were made over its old
    /// content.</remarks>
    public static async ValueTask CommitAsync(
        VirtualDisk child,
        BlockDevice parent,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(child);
        ArgumentNullException.ThrowIfNull(parent);
        if (parent.Length < child.Length)
        {
            await parent.SetLengthAsync(child.Length, cancellationToken).ConfigureAwait(false);
        }

        await CopyPipeline.RunAsync(
            child,
            child.OwnExtentsAsync(cancellationToken),
            0,
            new DeviceSink(parent, isZero: false, isOrdered: true),
            new CopyTicks(child.Length, progress),
            cancellationToken).ConfigureAwait(false);
    }

    private static ValueTask CopyRangeAsync(
        BlockDevice source,
        DiskCopyOptions options,
        long length,
        CopySink sink,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken) =>
        CopyPipeline.RunAsync(
            source,
            MapWalk.ExtentsAsync(source, options.Offset, length, cancellationToken),
            options.Offset,
            sink,
            new CopyTicks(length, progress),
            cancellationToken);

    private static long LengthOf(BlockDevice source, DiskCopyOptions options)
    {
        long rest = source.Length - options.Offset;
        long length = options.Length ?? rest;
        if (options.Offset < 0 || length < 0 || length > rest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"The range of {length} bytes at {options.Offset} does not lie within the source's "
                + $"{source.Length} bytes.");
        }

        return length;
    }
}
