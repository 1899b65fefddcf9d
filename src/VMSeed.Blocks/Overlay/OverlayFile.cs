using System.Runtime.CompilerServices;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay.Format;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>Makes and opens the files of overlays.</summary>
internal static class OverlayFile
{
    /// <summary>Opens a file, making it where that is wanted, and holds it.</summary>
    /// <returns>The file, what holds it, and what its header says.</returns>
    internal static async ValueTask<(BlockDevice File, OverlayLock Held, OverlayHeader Header)>
        OpenAsync(
            string path,
            OverlayOptions options,
            Func<OverlayHeader> describe,
            CancellationToken cancellationToken)
    {
        if (options.Mode == FileMode.CreateNew && File.Exists(path))
        {
            throw Exists(path);
        }

        if (!options.ReadOnly && options.Mode != FileMode.Open && !HasContent(path))
        {
            await MakeAsync(path, options.Mode, describe(), cancellationToken)
                .ConfigureAwait(false);
        }

        // First the lock: what it holds can be neither deleted nor replaced by another of us.
        var held = OverlayLock.Take(path, options.ReadOnly);
        FileBlockDevice? file = null;
        try
        {
            // What is empty may be replaced by who makes it, and this lock would hold nothing.
            if (held.IsOfEmptyFile)
            {
                throw new InvalidDataException(
                    $"The file {path} is no overlay that can be opened: it is empty.");
            }

            file = FileBlockDevice.Open(
                path,
                options.ReadOnly ? FileAccess.Read : FileAccess.ReadWrite,
                FileMode.Open,
                OverlayLock.Share(options.ReadOnly));
            return (
                file, held, await ReadHeaderAsync(file, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            if (file is not null)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }

            held.Dispose();
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

    // An empty file, as mktemp makes it, is an overlay that is still to be made.
    private static bool HasContent(string path) =>
        File.Exists(path) && new FileInfo(path).Length > 0;

    private static IOException Exists(string path) => new($"The file {path} exists already.");

    // Whole under its name, or empty: an opener never meets half a header. Who makes an overlay has
    // first its name, by a file that is only made where there is none, and then its lock. A rename
    // alone would not do: it replaces what another has put there in the meantime.
    private static async ValueTask MakeAsync(
        string path, FileMode mode, OverlayHeader header, CancellationToken cancellationToken)
    {
        if (!TryReserve(path) && mode == FileMode.CreateNew)
        {
            throw Exists(path);
        }

        using OverlayLock empty = OverlayLock.Take(path, readOnly: false);
        if (HasContent(path))
        {
            return; // Another has made it.
        }

        string next = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            FileBlockDevice file = FileBlockDevice.Create(next, 0);
            await using (file.ConfigureAwait(false))
            {
                await FormatAsync(file, header, cancellationToken).ConfigureAwait(false);
            }

            File.Move(next, path, overwrite: true);
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        finally
        {
            File.Delete(next);
        }
    }

    private static bool TryReserve(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose();
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }
}
