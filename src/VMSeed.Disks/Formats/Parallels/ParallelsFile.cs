using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>One expandable image, alone or as a part of a bundle: its disk, and its
/// check.</summary>
internal sealed class ParallelsFile : IAsyncDisposable
{
    private readonly BlockDevice _file;
    private readonly ParallelsMap _map;

    private ParallelsFile(BlockDevice file, ParallelsMap map, BlockDevice? parent, bool canWrite)
    {
        (_file, _map) = (file, map);
        Disk = canWrite
            ? new WritableDisk(map, parent, map.Epochs)
            : new MappedDisk(map, parent);
    }

    public BlockDevice Disk { get; }

    public ParallelsHeader Header => _map.Header;

    /// <summary>Whether the image was not closed by whoever wrote it last; as it was
    /// found.</summary>
    public bool IsUnclean { get; private init; }

    /// <summary>Writes an image without any cluster.</summary>
    public static async ValueTask CreateAsync(
        BlockDevice file, ParallelsHeader header, CancellationToken cancellationToken)
    {
        await file.SetLengthAsync(header.DataOffset, cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(0, header.ToBytes(), cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens an image. An unclean one that is to be written is mended first, as its format
    /// asks for.</summary>
    public static async ValueTask<ParallelsFile> OpenAsync(
        BlockDevice file,
        BlockDevice? parent,
        VirtualDiskOptions options,
        bool canWrite,
        CancellationToken cancellationToken)
    {
        ParallelsHeader header = await ParallelsHeader.ReadAsync(file, cancellationToken)
            .ConfigureAwait(false);
        var tables = new TablePages(file, options.TableCacheSize);
        var map = new ParallelsMap(file, header, tables, parent is not null, options.LeaveOpen);
        var image = new ParallelsFile(file, map, parent, canWrite) { IsUnclean = header.IsUnclean };
        if (canWrite && header.IsUnclean)
        {
            await image.MendAsync(new CheckTally(), null, cancellationToken).ConfigureAwait(false);
            await map.EndAsync().ConfigureAwait(false);
        }

        return image;
    }

    public async ValueTask CheckAsync(
        CheckTally tally,
        bool repair,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        if (repair && Disk is WritableDisk disk)
        {
            await disk.RunAloneAsync(() => MendAsync(tally, progress, cancellationToken))
                .ConfigureAwait(false);
            return;
        }

        if (IsUnclean && !Disk.CanWrite)
        {
            tally.Error("The image was not closed by whoever wrote it last.");
        }

        await ParallelsCheck
            .RunAsync(_file, _map, tally, repair: false, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => Disk.DisposeAsync();

    private async ValueTask MendAsync(
        CheckTally tally, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ParallelsSurvey survey = await _map.SurveyAsync(cancellationToken).ConfigureAwait(false);
        await _map.BeginAsync(survey, cancellationToken).ConfigureAwait(false);
        await ParallelsCheck
            .RunAsync(_file, _map, tally, repair: true, progress, cancellationToken)
            .ConfigureAwait(false);
        await _map.CommitAsync(cancellationToken).ConfigureAwait(false);
    }
}
