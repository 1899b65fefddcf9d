using VMSeed.Blocks;

namespace VMSeed.ImageBuilder.Boot.FileSystems;

/// <summary>The files of an ISO 9660 image, each in one piece: where they lie.</summary>
/// <remarks>Whatever does not parse is not there. A file of 4 GiB and more has several records, of
/// which the first tells where it begins.</remarks>
internal sealed class IsoVolume(BlockDevice disk)
{
    // The descriptors begin at sector 16; a primary one is among the first few.
    private const int FirstDescriptor = 16;
    private const int MaxDescriptors = 16;
    private const int RootRecordOffset = 156;
    private const int RootRecordLength = 34;

    // A folder of a live image has some ten files of 100 bytes.
    private const int MaxFolderLength = 4 * 1024 * 1024;

    /// <summary>The files of a folder.</summary>
    /// <param name="path">Its path, parted by slashes; empty for the top.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IReadOnlyList<IsoRecord>> ListAsync(
        string path, CancellationToken cancellationToken)
    {
        IsoRecord? folder = path.Length == 0
            ? await ReadRootAsync(cancellationToken)
            : await FindAsync(path, cancellationToken);
        if (folder is not { IsFolder: true, Length: <= MaxFolderLength } || !Lies(folder))
        {
            return [];
        }

        byte[] bytes = new byte[folder.Length];
        await disk.ReadAsync(folder.Offset, bytes, cancellationToken);
        return [.. Parse(bytes)];
    }

    /// <summary>Finds a file or folder; letters may be of either case.</summary>
    /// <returns>Null where it is not there.</returns>
    public async ValueTask<IsoRecord?> FindAsync(string path, CancellationToken cancellationToken)
    {
        int slash = path.LastIndexOf('/');
        string folder = slash < 0 ? string.Empty : path[..slash];
        return (await ListAsync(folder, cancellationToken)).FirstOrDefault(record => Lies(record)
            && string.Equals(
                record.Name, path[(slash + 1)..], StringComparison.OrdinalIgnoreCase));
    }

    private async ValueTask<IsoRecord?> ReadRootAsync(CancellationToken cancellationToken)
    {
        byte[] sector = new byte[IsoRecord.SectorSize];
        for (int i = FirstDescriptor; i < FirstDescriptor + MaxDescriptors; i++)
        {
            long offset = i * (long)IsoRecord.SectorSize;
            if (offset + sector.Length > disk.Length)
            {
                return null;
            }

            await disk.ReadAsync(offset, sector, cancellationToken);
            if (sector[0] == 1 && sector.AsSpan(1).StartsWith("CD001"u8))
            {
                return IsoRecord.Parse(sector.AsSpan(RootRecordOffset, RootRecordLength));
            }
        }

        return null;
    }

    // Records do not cross sectors: a length of 0 says that the next one is in the next sector.
    private static IEnumerable<IsoRecord> Parse(byte[] folder)
    {
        for (int at = 0; at < folder.Length;)
        {
            int length = folder[at];
            if (length == 0)
            {
                at = (at / IsoRecord.SectorSize + 1) * IsoRecord.SectorSize;
                continue;
            }

            if (at + length <= folder.Length
                && IsoRecord.Parse(folder.AsSpan(at, length)) is { } record)
            {
                yield return record;
            }

            at += length;
        }
    }

    private bool Lies(IsoRecord record) => record.Offset <= disk.Length - record.Length;
}
