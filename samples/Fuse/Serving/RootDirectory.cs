using System.Text;
using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Protocol;
using VMSeed.Fuse.Protocol.Messages;

namespace VMSeed.Fuse.Serving;

/// <summary>The root and its files: node 1 is the root, node 2 the first file.</summary>
/// <remarks>Nodes never come or go, so the kernel's FORGET needs no counting.</remarks>
internal sealed class RootDirectory
{
    private const ulong RootNode = 1;
    private const ulong FirstFile = 2;
    private const uint DirectoryType = 0x4000;
    private const uint RegularType = 0x8000;
    private const uint RootMode = 0x16D; // r-xr-xr-x
    private const uint BlockSize = 4096;
    private const ulong SectorSize = 512; // The unit of st_blocks.

    /// <summary>How long the kernel may believe what never changes: a day, in seconds.</summary>
    private const ulong Forever = 24 * 60 * 60;

    private readonly FuseFile[] _files;
    private readonly byte[][] _names;
    private readonly ulong _time;

    public RootDirectory(IReadOnlyList<FuseFile> files, DateTimeOffset now)
    {
        _files = [.. files];
        _names = [.. files.Select(file => Encoding.UTF8.GetBytes(file.Name))];
        _time = (ulong)now.ToUnixTimeSeconds();
        if (_files.Select(file => file.Name).Distinct().Count() != _files.Length)
        {
            throw new ArgumentException("Two files have the same name.", nameof(files));
        }
    }

    public bool CanWrite => _files.Any(file => file.CanWrite);

    /// <summary>The file of a node.</summary>
    public bool TryFile(ulong node, out FuseFile file)
    {
        bool found = node - FirstFile < (ulong)_files.Length; // Wraps around below the first file.
        file = found ? _files[node - FirstFile] : null!;
        return found;
    }

    /// <summary>Answers FUSE_LOOKUP, "." and ".." included, which a file server asks for.</summary>
    public int Lookup(FuseRequest request)
    {
        ReadOnlySpan<byte> name = request.Body;
        int end = name.IndexOf((byte)0);
        if (end < 0) { return -Errno.EINVAL; }

        ulong parent = request.Header.Node;
        name = name[..end];
        ulong node = name.SequenceEqual("."u8) ? parent
            : name.SequenceEqual(".."u8) ? RootNode
            : parent == RootNode ? Find(name)
            : 0;
        return node != 0 && TryEntry(node, out EntryOut entry)
            ? request.Put(in entry)
            : -Errno.ENOENT;
    }

    /// <summary>Answers FUSE_GETATTR.</summary>
    public int GetAttributes(FuseRequest request) =>
        TryEntry(request.Header.Node, out EntryOut entry)
            ? request.Put(new AttributesOut
            {
                ValidSeconds = entry.ValidSeconds,
                Attributes = entry.Attributes,
            })
            : -Errno.ENOENT;

    /// <summary>Answers FUSE_STATFS: as large as the files, and full.</summary>
    public int StatFs(FuseRequest request) => request.Put(new StatFsOut
    {
        Blocks = (ulong)_files.Sum(file => file.Length) / BlockSize,
        Files = (ulong)_files.Length + 1,
        BlockSize = BlockSize,
        FragmentSize = BlockSize,
        NameLength = FuseFile.MaxNameLength,
    });

    /// <summary>Answers FUSE_READDIR and FUSE_READDIRPLUS; an entry's offset is the next one's
    /// index.</summary>
    public int Read(FuseRequest request, in ReadIn body, bool withAttributes)
    {
        if (request.Header.Node != RootNode) { return -Errno.ENOTDIR; }

        int room = (int)Math.Min(body.Size, (uint)request.Payload.Length);
        DirectoryWriter writer = new(request.Payload.Span[..room], withAttributes);
        ulong count = (ulong)_files.Length + 2;
        for (ulong index = body.Offset; index < count; index++)
        {
            ReadOnlySpan<byte> name = index switch
            {
                0 => "."u8,
                1 => ".."u8,
                _ => _names[index - 2],
            };
            _ = TryEntry(index < 2 ? RootNode : FirstFile + index - 2, out EntryOut entry);
            if (index < 2) { entry.Node = 0; } // Not to be looked up from here.

            if (!writer.TryAdd(name, in entry, index + 1)) { break; }
        }

        return writer.Length;
    }

    private ulong Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i])) { return FirstFile + (ulong)i; }
        }

        return 0;
    }

    private bool TryEntry(ulong node, out EntryOut entry)
    {
        bool isFile = TryFile(node, out FuseFile file);
        ulong length = isFile ? (ulong)file.Length : 0;
        entry = new EntryOut
        {
            Node = node,
            EntryValidSeconds = Forever,
            ValidSeconds = isFile && (file.IsVolatile || file.CanWrite) ? 0 : Forever,
            Attributes = new Attributes
            {
                Inode = node,
                Length = length,
                Blocks = (length + SectorSize - 1) / SectorSize,
                AccessTime = _time,
                ModifyTime = _time,
                ChangeTime = _time,
                Mode = isFile ? RegularType | (uint)file.Mode : DirectoryType | RootMode,
                Links = isFile ? 1u : 2u,
                Uid = Libc.geteuid(),
                Gid = Libc.getegid(),
                BlockSize = BlockSize,
            },
        };
        return isFile || node == RootNode;
    }
}
