using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Benchmarks.Caching;

/// <summary>What the cache adds to the system calls that it is made of.</summary>
[MemoryDiagnoser]
public class BlockCacheBenchmarks
{
    private const int BlockBytes = 64 * 1024;
    private const int Batch = 16;
    private const int Hot = 1024;

    private readonly byte[] _buffer = new byte[4096];
    private readonly CacheEntry[] _batch = new CacheEntry[Batch];
    private readonly BlockPlace[] _places = new BlockPlace[Hot];
    private readonly CacheEntry[] _hot = new CacheEntry[Hot];
    private DirectoryInfo _folder = null!;
    private BlockCache _cache = null!;
    private SafeFileHandle _file = null!;
    private ulong _next;
    private int _turn;

    [GlobalSetup]
    public async Task SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("vmseed-bench-");
        _cache = await BlockCache.OpenAsync(
            _folder.FullName, new BlockCacheOptions { MaxBytes = 512 << 20, MinFreeBytes = 0 });
        for (int i = 0; i < Hot; i += Batch)
        {
            Renew();
            _batch.CopyTo(_hot, i);
            await _cache.PutAsync(_batch, _places.AsMemory(i, Batch), default);
        }

        string plain = Path.Combine(_folder.FullName, "plain");
        await File.WriteAllBytesAsync(plain, new byte[Hot * BlockBytes]);
        _file = File.OpenHandle(
            plain, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, FileOptions.None);
    }

    [GlobalCleanup]
    public async Task CleanUp()
    {
        await _cache.DisposeAsync();
        _file.Dispose();
        _folder.Delete(recursive: true);
    }

    [Benchmark]
    public int PlainFileRead() => RandomAccess.Read(_file, _buffer, Offset(Turn()));

    [Benchmark]
    public ValueTask<bool> HotRead()
    {
        int turn = Turn();
        return _cache.ReadAsync(_places[turn], (int)(Offset(turn) % BlockBytes), _buffer, default);
    }

    [Benchmark]
    public async ValueTask<bool> HotFind()
    {
        CacheEntry entry = _hot[Turn()];
        return (await _cache.FindAsync(entry.Digest, BlockBytes, default)).Exists;
    }

    [Benchmark]
    public void PlainFileWrite()
    {
        int start = Turn() % (Hot - Batch);
        for (int i = 0; i < Batch; i++)
        {
            RandomAccess.Write(_file, _hot[i].Plain.Span, (long)(start + i) * BlockBytes);
        }
    }

    [Benchmark]
    public async Task Put()
    {
        Renew();
        await _cache.PutAsync(_batch, default, default);
    }

    private static long Offset(int turn) => ((long)turn * BlockBytes) + (turn % 16 * 4096);

    private int Turn() => _turn = ((_turn * 5) + 3) % Hot;

    private void Renew()
    {
        Span<byte> name = stackalloc byte[Digest.Size];
        for (int i = 0; i < Batch; i++)
        {
            BitConverter.TryWriteBytes(name, ++_next * 0x9E37_79B9_7F4A_7C15);
            BitConverter.TryWriteBytes(name[8..], _next);
            _batch[i] = new CacheEntry(new Digest(name), _batch[i].Plain.IsEmpty
                ? new byte[BlockBytes]
                : _batch[i].Plain);
        }
    }
}
