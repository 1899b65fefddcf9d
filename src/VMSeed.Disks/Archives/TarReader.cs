using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Archives.TarFormat;

namespace VMSeed.Disks.Archives;

// Three ways to store a file: as it is; with a map in its header and in blocks behind it (the old
// GNU format, type S, what `tar --sparse` writes); and with a map, in decimal lines, before its
// data (PAX 1.0, what `tar --sparse --format=pax` writes). In all of them the data of a region
// begins at a whole block.

/// <summary>Finds a file in a tar archive, and where its bytes lie.</summary>
/// <param name="archive">The archive.</param>
internal sealed class TarReader(BlockDevice archive)
{
    private readonly byte[] _block = new byte[Block];
    private long _at;

    /// <summary>Finds a regular file.</summary>
    /// <param name="name">Its name; null for the first.</param>
    /// <param name="cancellationToken">Gives the search up.</param>
    public async ValueTask<TarMember> FindAsync(string? name, CancellationToken cancellationToken)
    {
        PaxRecords pax = new();
        string? longName = null;
        for (int i = 0; i < MaxMembers && await ReadHeaderAsync(cancellationToken)
            .ConfigureAwait(false); i++)
        {
            byte type = _block[TypeOffset];
            long size = pax.Size ?? TarNumber.Read(_block.AsSpan(SizeOffset, NumberLength));
            if (type is Extended or LongName)
            {
                byte[] bytes = await ReadSmallAsync(size, cancellationToken).ConfigureAwait(false);
                pax = type == Extended ? PaxRecords.Parse(bytes) : pax;
                longName = type == LongName ? Text(bytes) : longName;
                continue;
            }

            string own = pax.Name ?? longName ?? Text(_block.AsSpan(0, NameLength));
            bool isFile = type is Regular or RegularOld or Contiguous or OldSparse;
            if (isFile && (name is null || own == name))
            {
                return await ReadMemberAsync(own, type, size, pax, cancellationToken)
                    .ConfigureAwait(false);
            }

            await SkipAsync(type, size, cancellationToken).ConfigureAwait(false);
            (pax, longName) = (new PaxRecords(), null);
        }

        throw new DiskFormatException(
            DiskFault.MissingFile,
            name is null ? "The archive holds no file." : $"The archive holds no file '{name}'.")
        {
            FileName = name,
        };
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    // False at the end: a block of zeros, or of the file.
    private async ValueTask<bool> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (!await TryReadBlockAsync(cancellationToken).ConfigureAwait(false)
            || !_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            return false;
        }

        long told = TarNumber.Read(_block.AsSpan(ChecksumOffset, ChecksumLength));
        return told == TarHeader.ChecksumOf(_block)
            ? true
            : throw DiskFormatException.Corrupt(
                $"The header at {_at - Block} of the archive has the sum {told}; its bytes add up "
                + $"to {TarHeader.ChecksumOf(_block)}.");
    }

    private async ValueTask<TarMember> ReadMemberAsync(
        string name, byte type, long size, PaxRecords pax, CancellationToken cancellationToken)
    {
        if (type == OldSparse)
        {
            long real = TarNumber.Read(_block.AsSpan(RealSizeOffset, NumberLength));
            TarRegionList old = new(real, archive.Length);
            await ReadOldMapAsync(old, cancellationToken).ConfigureAwait(false);
            return new TarMember(name, real, old.PlacedFrom(_at));
        }

        if (pax.IsSparse)
        {
            TarRegionList regions = new(pax.RealSize ?? size, archive.Length);
            PaxMapReader map = new(archive, _at, size);
            await map.ReadAsync(regions, cancellationToken).ConfigureAwait(false);
            return new TarMember(name, regions.Length, regions.PlacedFrom(map.End));
        }

        TarRegionList whole = new(size, archive.Length);
        whole.Add(0, size);
        return new TarMember(name, size, whole.PlacedFrom(_at));
    }

    private async ValueTask ReadOldMapAsync(
        TarRegionList regions, CancellationToken cancellationToken)
    {
        AddEntries(regions, MapOffset, MapEntries);
        bool more = _block[IsExtendedOffset] != 0;
        while (more)
        {
            if (!await TryReadBlockAsync(cancellationToken).ConfigureAwait(false))
            {
                throw DiskFormatException.Corrupt(
                    $"The archive ends at {archive.Length}, within the map of a sparse file.");
            }

            AddEntries(regions, 0, ExtensionEntries);
            more = _block[ExtensionIsExtendedOffset] != 0;
        }
    }

    // An entry of zero bytes fills the room, but for the first of them, which may tell the end.
    private void AddEntries(TarRegionList regions, int at, int count)
    {
        for (int i = 0; i < count; i++, at += EntryLength)
        {
            long length = TarNumber.Read(_block.AsSpan(at + NumberLength, NumberLength));
            if (length > 0)
            {
                regions.Add(TarNumber.Read(_block.AsSpan(at, NumberLength)), length);
            }
        }
    }

    private async ValueTask SkipAsync(byte type, long size, CancellationToken cancellationToken)
    {
        bool more = type == OldSparse && _block[IsExtendedOffset] != 0;
        while (more && await TryReadBlockAsync(cancellationToken).ConfigureAwait(false))
        {
            more = _block[ExtensionIsExtendedOffset] != 0;
        }

        // Links and folders have no data, whatever their size says.
        bool hasData = type is not ((>= (byte)'1' and <= (byte)'6'));
        _at = Math.Min(archive.Length, _at + (hasData ? RoundUp(size) : 0));
    }

    private async ValueTask<byte[]> ReadSmallAsync(long size, CancellationToken cancellationToken)
    {
        if (size > Math.Min(MaxExtendedHeader, archive.Length - _at))
        {
            throw DiskFormatException.Corrupt(
                $"The archive has an extended header of {size} bytes at {_at}; at most "
                + $"{MaxExtendedHeader}, within the archive's {archive.Length}, are read.");
        }

        byte[] bytes = new byte[size];
        await archive.ReadAsync(_at, bytes, cancellationToken).ConfigureAwait(false);
        _at = Math.Min(archive.Length, _at + RoundUp(size));
        return bytes;
    }

    private async ValueTask<bool> TryReadBlockAsync(CancellationToken cancellationToken)
    {
        if (archive.Length - _at < Block)
        {
            return false;
        }

        await archive.ReadAsync(_at, _block, cancellationToken).ConfigureAwait(false);
        _at += Block;
        return true;
    }
}
