using System.Security.Cryptography;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Repositories;

/// <summary>An object that is written bit by bit: its name is known with its last byte.</summary>
internal sealed class HashedFile(RepositoryFolder folder) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly PendingFile _file = new(folder.ObjectFolder);

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file.Handle, bytes, Length);
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>Names the object, after its last byte.</summary>
    public Digest Finish() => new(_hash.GetHashAndReset());

    /// <summary>Makes the object durable and part of the repository.</summary>
    public void Keep(Digest digest) => folder.Keep(_file, folder.LocateObject(digest));

    /// <summary>Deletes what was written unless it was kept.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
    }
}
