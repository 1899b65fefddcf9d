using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Repositories;

/// <summary>Stores objects while the publisher goes on; a failure surfaces at the next
/// call.</summary>
/// <remarks>
/// To make a pack of 8 MiB durable costs a disk some 10 to 100 ms, in which two cores could have
/// compressed as much again: so it waits for nobody but the head.
/// </remarks>
internal sealed class ObjectWriter(RepositoryFolder folder) : IAsyncDisposable
{
    // More flushes at once gain nothing on a disk; each holds up to a pack of dirty pages.
    private const int InFlight = 4;

    private readonly SemaphoreSlim _room = new(InFlight);
    private readonly Queue<Task> _tasks = [];

    private long _newBytes;

    /// <summary>Bytes of objects that were not there before.</summary>
    public long NewBytes => Interlocked.Read(ref _newBytes);

    /// <summary>Stores a small object.</summary>
    /// <returns>Its digest.</returns>
    public async ValueTask<Digest> PutAsync(byte[] content, CancellationToken cancellationToken)
    {
        Digest digest = Digest.Of(content);
        await StartAsync(() => Store(content, digest), cancellationToken).ConfigureAwait(false);
        return digest;
    }

    /// <summary>Stores an object whose bytes have been written; takes the file over.</summary>
    public async ValueTask<Digest> PutAsync(HashedFile file, CancellationToken cancellationToken)
    {
        Digest digest = file.Finish();
        await StartAsync(() => Store(file, digest), cancellationToken).ConfigureAwait(false);
        return digest;
    }

    /// <summary>Waits until everything that was put is there and durable.</summary>
    public async ValueTask FlushAsync()
    {
        while (_tasks.TryDequeue(out Task? task))
        {
            await task.ConfigureAwait(false);
        }

        folder.FlushFolders();
    }

    /// <summary>Waits until nothing is being written.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _room.Dispose();
    }

    private async ValueTask StartAsync(Action store, CancellationToken cancellationToken)
    {
        while (_tasks.TryPeek(out Task? oldest) && oldest.IsCompleted)
        {
            await _tasks.Dequeue().ConfigureAwait(false);
        }

        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        _tasks.Enqueue(Task.Run(
            () =>
            {
                try
                {
                    store();
                }
                finally
                {
                    _room.Release();
                }
            },
            CancellationToken.None));
    }

    private void Store(byte[] content, Digest digest)
    {
        string path = folder.LocateObject(digest);
        if (!folder.TryRenew(path, content))
        {
            folder.Write(path, content);
            Interlocked.Add(ref _newBytes, content.Length);
        }
    }

    private void Store(HashedFile file, Digest digest)
    {
        using (file)
        {
            bool isNew = !File.Exists(folder.LocateObject(digest));
            file.Keep(digest);
            Interlocked.Add(ref _newBytes, isNew ? file.Length : 0);
        }
    }
}
