using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vhdx.Log;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vhdx;

// From the first change to the closing (2.2.2, 2.3):
//
//   1. What lies past everything in use is cut off: a crash may have left it, and space that the
//      file gains must read as zeros.
//   2. An empty entry of a log with a new name is written; flush.
//   3. Both headers get the log's name, and new names for the file's state and the disk's content.
//   4. Commits go through the log.
//   5. All is flushed, both headers forget the log, and what the file has grown too far is cut off.
//
// A crash before 3 leaves a file that was not opened; after it, there is always an entry to be
// found.

/// <summary>Writes an image from its first change to its closing.</summary>
/// <remarks>Called under the disk's gate.</remarks>
internal sealed class VhdxSession
{
    private readonly BlockDevice _file;
    private readonly Func<Guid> _newGuid;
    private VhdxHeaders _headers;
    private LogWriter? _log;
    private bool _mustFlush;

    /// <summary>A session that has changed nothing yet.</summary>
    /// <param name="file">The file, its log done.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="regions">Its region table.</param>
    /// <param name="space">Its places.</param>
    /// <param name="newGuid">Makes names.</param>
    public VhdxSession(
        BlockDevice file,
        VhdxHeaders headers,
        IReadOnlyList<VhdxRegion> regions,
        VhdxSpace space,
        Func<Guid> newGuid)
    {
        (_file, _headers, Regions, Space, _newGuid) = (file, headers, regions, space, newGuid);
    }

    public VhdxSpace Space { get; }

    /// <summary>The region table, as it is or is about to be.</summary>
    public IReadOnlyList<VhdxRegion> Regions { get; set; }

    /// <summary>The headers as they are in the file.</summary>
    public VhdxHeaders Headers => _headers;

    /// <summary>The disk's content, by name: another one after the first change.</summary>
    public Guid DataWriteId => _headers.Current.DataWriteId;

    /// <summary>The next commit has to make blocks durable before it logs what points at
    /// them.</summary>
    public void MustFlushBlocks() => _mustFlush = true;

    /// <summary>Whether the log is open.</summary>
    public bool HasBegun => _log is not null;

    /// <summary>Opens the log, unless it is open.</summary>
    /// <param name="changesDisk">Whether the disk's content is about to change, by which its
    /// children know that they are no longer its children.</param>
    public async ValueTask BeginAsync(bool changesDisk = true)
    {
        if (_log is not null)
        {
            return;
        }

        await Space.TrimFileAsync().ConfigureAwait(false);
        VhdxHeader header = _headers.Current with
        {
            LogId = _newGuid(),
            LogVersion = 0,
            LogLength = Math.Min(_headers.Current.LogLength, LogFormat.GreatestReplayed),
            FileWriteId = _newGuid(),
            DataWriteId = changesDisk ? _newGuid() : _headers.Current.DataWriteId,
        };
        var log = new LogWriter(_file, header);
        await log.BeginAsync(Space.End).ConfigureAwait(false);
        _headers = await _headers.WriteAsync(
            _file,
            current => header with { Sequence = current.Sequence },
            CancellationToken.None).ConfigureAwait(false);
        _log = log;
    }

    /// <summary>Logs every changed page, and writes it in place; all that was written before is
    /// then durable.</summary>
    public async ValueTask CommitAsync(TablePages tables, CancellationToken cancellationToken)
    {
        LogWriter log = _log!;
        TablePage[] pages = tables.ChangedPages();
        if (_mustFlush || pages.Length == 0)
        {
            await log.FlushAsync(cancellationToken).ConfigureAwait(false);
            _mustFlush = false;
        }

        for (int done = 0; done < pages.Length; done += log.MaxPages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Memory<TablePage> some = pages.AsMemory(
                done, Math.Min(log.MaxPages, pages.Length - done));
            await log.WriteAsync(some, Space.End).ConfigureAwait(false);
            foreach (TablePage page in some.Span)
            {
                tables.MarkWritten(page);
            }
        }

        Space.Committed();
    }

    /// <summary>Closes the log. Everything has been committed.</summary>
    public async ValueTask EndAsync()
    {
        await _log!.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        _headers = await _headers.WriteAsync(
            _file,
            current => current with { LogId = Guid.Empty },
            CancellationToken.None).ConfigureAwait(false);
        _log = null;
        await Space.CloseFileAsync().ConfigureAwait(false);
        await _file.FlushAsync().ConfigureAwait(false);
    }
}
