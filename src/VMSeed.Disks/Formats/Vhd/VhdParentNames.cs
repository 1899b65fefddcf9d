using System.Text;
using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

/// <summary>What a new differencing image writes down of its parent's name: relative to itself and
/// in full, as far as either can be told.</summary>
/// <param name="Names">The names, each with its code.</param>
/// <param name="Start">Where in the file they go.</param>
internal sealed record VhdParentNames(IReadOnlyList<(uint Code, string Name)> Names, long Start)
{
    /// <summary>The names, in sectors of their own.</summary>
    public IReadOnlyList<VhdLocator> Locators
    {
        get
        {
            var locators = new List<VhdLocator>(Names.Count);
            long offset = Start;
            foreach ((uint code, string name) in Names)
            {
                int length = Encoding.Unicode.GetByteCount(name);
                locators.Add(new VhdLocator(code, offset, length));
                offset += FileTail.Align(length, SectorSize);
            }

            return locators;
        }
    }

    /// <summary>The first byte after them.</summary>
    public long End => Names.Sum(name =>
        FileTail.Align(Encoding.Unicode.GetByteCount(name.Name), SectorSize)) + Start;

    /// <summary>The one that says most; empty without any.</summary>
    public string Longest => Names.Count == 0 ? string.Empty : Names[^1].Name;

    /// <summary>The names of a parent.</summary>
    /// <param name="name">What it is called; null where that is not known.</param>
    /// <param name="fileName">The image's own file, by its full path; null where that is not
    /// known.</param>
    /// <param name="start">Where in the file they go.</param>
    public static VhdParentNames Of(string? name, string? fileName, long start)
    {
        if (string.IsNullOrEmpty(name))
        {
            return new VhdParentNames([], start);
        }

        List<(uint Code, string Name)> names = [];
        string? folder = Path.GetDirectoryName(fileName);
        bool isFull = Path.IsPathRooted(name);
        if (!isFull || folder is not null)
        {
            string relative = isFull ? Path.GetRelativePath(folder!, name) : name;
            names.Add((VhdLocator.Relative, Relative(relative)));
        }

        if (isFull || folder is not null)
        {
            string full = isFull ? name : Path.GetFullPath(Native(name), folder!);
            names.Add((VhdLocator.Absolute, Windows(full)));
        }

        return new VhdParentNames(names, start);
    }

    /// <summary>The first of the names, as many as have room.</summary>
    public VhdParentNames Within(long room)
    {
        VhdParentNames some = this;
        while (some.Names.Count > 0 && some.End - some.Start > room)
        {
            some = some with { Names = [.. some.Names.Take(some.Names.Count - 1)] };
        }

        return some;
    }

    /// <summary>Writes the names where the locators point.</summary>
    public async ValueTask WriteAsync(BlockDevice file, CancellationToken cancellationToken)
    {
        foreach ((VhdLocator locator, (_, string name)) in Locators.Zip(Names))
        {
            await file.WriteAsync(
                locator.Offset, Encoding.Unicode.GetBytes(name), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    // Windows writes ".\" before a name, and takes no other relative path for one.
    private static string Relative(string name) =>
        Windows(name) is var path && path.StartsWith('.') ? path : $@".\{path}";

    private static string Windows(string name) => name.Replace('/', '\\');

    private static string Native(string name) =>
        Path.DirectorySeparatorChar == '/' ? name.Replace('\\', '/') : name;
}
