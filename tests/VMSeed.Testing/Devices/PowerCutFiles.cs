using VMSeed.Blocks.Devices;

namespace VMSeed.Testing.Devices;

/// <summary>Files in memory that lose power together.</summary>
/// <remarks>
/// They share one log, so that a cut falls between a change of one file and a change of another.
/// Each is then in a state of its own: a flush of one says nothing of what the others have kept.
/// The names themselves are durable: files are added before the session that is cut.
/// </remarks>
public sealed class PowerCutFiles
{
    /// <summary>Bytes of a page, of which file systems make holes.</summary>
    private const int SmallestHole = 4096;

    private readonly PowerCutLog _log = new();
    private readonly Dictionary<string, PowerCutDevice> _files = new(StringComparer.Ordinal);

    /// <summary>The names of the files, in the order in which they were added.</summary>
    public IReadOnlyCollection<string> Names => _files.Keys;

    /// <summary>How many changes and flushes there have been, of all files together.</summary>
    public int Changes => _log.Count;

    /// <summary>Whether every access gives other tasks a turn first.</summary>
    public bool Yields
    {
        get => _log.Yields;
        set => _log.Yields = value;
    }

    /// <summary>A file by its name; it must have been added.</summary>
    public PowerCutDevice this[string name] => _files[name];

    /// <summary>Whether there is a file of that name.</summary>
    public bool Contains(string name) => _files.ContainsKey(name);

    /// <summary>Adds a file of so many zeros, durable as it is.</summary>
    public PowerCutDevice Add(string name, long length = 0)
    {
        PowerCutDevice file = new(
            _log, new MemoryBlockDevice(length), new MemoryBlockDevice(length));
        _files.Add(name, file);
        return file;
    }

    /// <summary>Adds all files of a folder, durable as they are.</summary>
    public async Task AddFolderAsync(string folder)
    {
        foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            await using FileBlockDevice file = FileBlockDevice.Open(path);
            MemoryBlockDevice now = await SparseCopy.OfAsync(file);
            _files.Add(
                Path.GetFileName(path),
                new PowerCutDevice(_log, now, await SparseCopy.OfAsync(now)));
        }
    }

    /// <summary>Writes all files, as they are now, into a folder.</summary>
    public async Task SaveAsync(string folder)
    {
        foreach ((string name, PowerCutDevice file) in _files)
        {
            await using FileBlockDevice copy = FileBlockDevice.Create(
                Path.Join(folder, name), file.Length);

            // A hole of one grain is a hole of a file system, but none of the memory's.
            await SparseCopy.ToAsync(file, copy, SmallestHole);
        }
    }

    /// <summary>The files after a cut.</summary>
    /// <param name="random">Chance.</param>
    /// <param name="changes">How many changes had been accepted.</param>
    /// <param name="survival">How likely each one that is not durable is there as a whole; 1 for a
    /// prefix of the log.</param>
    public async Task<PowerCutFiles> CutAsync(Random random, int changes, double survival)
    {
        PowerCutFiles after = new();
        foreach ((string name, PowerCutDevice file) in _files)
        {
            after._files.Add(
                name, await file.CutAsync(after._log, random, changes, survival));
        }

        return after;
    }

    /// <summary>Many states, at places spread over all of the log.</summary>
    /// <param name="seed">Of the chance.</param>
    /// <param name="states">How many. As many prefixes as subsets.</param>
    /// <param name="first">The least number of changes, where the log begins with what is of no
    /// interest.</param>
    public async IAsyncEnumerable<FilesCut> CutsAsync(int seed, int states, int first = 0)
    {
        foreach (CutPlace place in CutPlace.Spread(seed, states, first, Changes))
        {
            PowerCutFiles after = await CutAsync(
                new Random(place.Seed), place.Changes, place.Survival);
            yield return new(place.Changes, after, place.Name);
        }
    }
}
