using System.CommandLine;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Tool.CommandLine;

/// <summary>Where the cache is, and how large it may become.</summary>
internal sealed class CacheOptions
{
    private readonly Option<string?> _folder = new("--cache")
    {
        Description = $"Where blocks are kept. [default: {DefaultFolders.Cache}]",
        HelpName = "DIR",
    };

    private readonly Option<long?> _size = Quantities.Size(
        "--cache-size",
        "What the cache may occupy, from 16M on. [default: as before; 10G at first]");

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_size);
    }

    public string FolderOf(ParseResult line) => line.GetValue(_folder) ?? DefaultFolders.Cache;

    public BlockCacheOptions Build(ParseResult line) => new() { MaxBytes = line.GetValue(_size) };
}
