using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Deduplication;

/// <summary>The file <c>.vmseed/blocks</c>: the trailers of all packs, so that a publisher reads
/// one file and not thousands.</summary>
/// <remarks>
/// A magic number and a section for each pack. It is held to the packs that are there each time: a
/// section whose pack is gone is left out, a pack without a section (a publisher was killed, two
/// wrote the file at once, the file is damaged from there on) is read itself, once its bytes have
/// proved to be those of its name. So nothing that happens to the file costs more than time.
/// </remarks>
internal sealed class BlockTableFile(RepositoryFolder folder)
{
    private const int BufferSize = 1024 * 1024;

    private readonly string _path = Path.Join(folder.PrivateFolder, "blocks");

    private static ReadOnlySpan<byte> Magic => "VMSBLKS1"u8;

    /// <summary>Reads the table of all blocks of the repository.</summary>
    public BlockTable Load(CancellationToken cancellationToken)
    {
        var table = new BlockTable();
        HashSet<Digest> missing = [.. folder.Objects()];
        foreach (PackSection section in Sections())
        {
            if (missing.Remove(section.Pack.Digest) && !section.TryEnter(table))
            {
                missing.Add(section.Pack.Digest);
            }
        }

        // Sorted, so that the same repository makes the same table whatever the file system's
        // order.
        foreach (Digest digest in missing.OrderBy(d => d.ToString(), StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (PackScan.TryRead(folder.LocateObject(digest), digest, out PackSection section))
            {
                section.TryEnter(table);
            }
        }

        return table;
    }

    /// <summary>Writes the file anew for the packs of a table.</summary>
    public void Save(BlockTable table)
    {
        HashSet<Digest> packs = [.. table.Packs.Select(pack => pack.Digest)];
        using var file = new PendingFile(folder.PrivateFolder);
        using (var output = new BufferedStream(file.OpenStream(), BufferSize))
        {
            output.Write(Magic);
            foreach (PackSection section in Sections())
            {
                if (packs.Remove(section.Pack.Digest))
                {
                    section.Write(output);
                }
            }

            foreach (Digest digest in packs)
            {
                if (PackScan.TryRead(folder.LocateObject(digest), digest, out PackSection section))
                {
                    section.Write(output);
                }
            }
        }

        folder.Keep(file, _path);
    }

    private IEnumerable<PackSection> Sections()
    {
        if (!File.Exists(_path))
        {
            yield break;
        }

        using FileStream input = new(
            _path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            BufferSize);
        byte[] magic = new byte[Magic.Length];
        if (input.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length
            || !magic.AsSpan().SequenceEqual(Magic))
        {
            yield break;
        }

        while (PackSection.TryRead(input, out PackSection section))
        {
            yield return section;
        }
    }
}
