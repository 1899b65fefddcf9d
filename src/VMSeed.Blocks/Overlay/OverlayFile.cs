using System.Runtime.CompilerServices;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay.Format;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>Makes and opens the files of overlays.</summary>
internal static class OverlayFile
{
    /// <summary>Opens a file, making it where that is wanted.</summary>
    /// <returns>The file, and what its header says.</returns>
    internal static async ValueTask<(BlockDevice File, OverlayHeader Header)> OpenAsync(
        string path,
        OverlayOptions options,
        Func<OverlayHeader> describe,
        CancellationToken cancellationToken)
    {
        bool exists = File.Exists(path) && new FileInfo(path).Length > 0;
        if (options.Mode == FileMode.CreateNew && File.Exists(path))
        {
            throw new IOException($"The file {path} exists already.");
        }

        if (!exists && !options.ReadOnly && options.Mode != FileMode.Open)
        {
            await MakeAsync(path, describe(), cancellationToken).ConfigureAwait(false);
        }

        FileBlockDevice file = FileBlockDevice.Open(
            path,
            options.ReadOnly ? FileAccess.Read : FileAccess.ReadWrite,
            FileMode.Open,
            OverlayLock.Share(options.ReadOnly));
        try
        {
            return (file, await ReadHeaderAsync(file, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a new overlay in an empty file, durably.</summary>
    internal static async ValueTask FormatAsync(
        BlockDevice file, OverlayHeader header, CancellationToken cancellationToken)
    {
        await file.SetLengthAsync(new OverlayLayout(header.Length).FileLength, cancellationToken)
            .ConfigureAwait(false);
        await file.WriteAsync(0, header.Write(), cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what a file begins with.</summary>
    /// <exception cref="InvalidDataException">That is no overlay.</exception>
    internal static async ValueTask<OverlayHeader> ReadHeaderAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[(int)Math.Min(file.Length, OverlayLayout.MapOffset)];
        await file.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        OverlayHeader header = Parse(file, bytes);
        long length = new OverlayLayout(header.Length).FileLength;
        return file.Length >= length
            ? header
            : throw new InvalidDataException(
                $"The overlay {file} has {file.Length} bytes of the {length} that its header "
                + "speaks of: it has been cut.");
    }

    /// <summary>What the overlay has of its own, in the order of the disk.</summary>
    internal static async IAsyncEnumerable<Extent> ChangesAsync(
        StateMap states,
        OverlayLayout layout,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long block = 0; block < layout.BlockCount;)
        {
            (BlockState state, long end) = await states.FindAsync(block, cancellationToken)
                .ConfigureAwait(false);
            if (state != BlockState.Base)
            {
                long offset = OverlayLayout.OffsetOf(block);
                yield return new Extent(
                    offset,
                    layout.EndOf(end - 1) - offset,
                    state == BlockState.Data ? ExtentKind.Data : ExtentKind.Zero);
            }

            block = end;
        }
    }

    private static OverlayHeader Parse(BlockDevice file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return OverlayHeader.Read(bytes);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException(
                $"{file} is no overlay that can be opened. {fault.Message}", fault);
        }
    }

    // Whole under its name, or not there: an opener never meets half a header.
    private static async ValueTask MakeAsync(
        string path, OverlayHeader header, CancellationToken cancellationToken)
    {
        string next = $"{path}.new";
        File.Delete(next);
        try
        {
            FileBlockDevice file = FileBlockDevice.Create(next, 0);
            await using (file.ConfigureAwait(false))
            {
                await FormatAsync(file, header, cancellationToken).ConfigureAwait(false);
            }

            // Two who make the same overlay at once: the second one's is not put over the first's,
            // which may be in use. An empty file, as mktemp makes it, is nobody's.
            bool isEmpty = File.Exists(path) && new FileInfo(path).Length == 0;
            File.Move(next, path, overwrite: isEmpty);
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            File.Delete(next);
            throw;
        }
    }
}
