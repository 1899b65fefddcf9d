using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources;

/// <summary>A repository in a local folder: the publisher's own, a mounted disk, an
/// archive.</summary>
/// <remarks>Links inside the folder are followed: who can make them there could as well put the
/// files there, and the bytes are checked in any case.</remarks>
/// <param name="root">The folder that holds <c>images/</c> and <c>objects/</c>.</param>
internal sealed class FolderObjectSource(string root) : ObjectSource
{
    private readonly string _root = Path.GetFullPath(root);

    /// <inheritdoc/>
    public override async ValueTask<ObjectBody> OpenAsync(
        ObjectRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Length);
        cancellationToken.ThrowIfCancellationRequested();
        FileBlockDevice file = Open(request.Path);
        try
        {
            CheckLength(request, file);
            return new FolderObjectBody(file, request.Offset, request.Length);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<byte[]> ReadWholeAsync(
        string path,
        int limit,
        Func<ReadOnlyMemory<byte>, bool?>? check,
        CancellationToken cancellationToken)
    {
        FileBlockDevice file = Open(path);
        long length = file.Length;
        FolderObjectBody body = new(file, 0, (int)Math.Min(length, limit));
        await using (body.ConfigureAwait(false))
        {
            if (length > limit)
            {
                throw Failure(
                    path,
                    FailureReason.Refused,
                    $"has {length} bytes; more than {limit} bytes are not read");
            }

            byte[] bytes = new byte[(int)length];
            await body.FillAsync(bytes, cancellationToken).ConfigureAwait(false);
            return bytes;
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => default;

    /// <inheritdoc/>
    public override string ToString() => _root;

    private FileBlockDevice Open(string path)
    {
        if (!ObjectPath.IsValid(path))
        {
            throw Failure(
                path, FailureReason.Refused, "is not opened: no repository has such a name");
        }

        try
        {
            // A publisher may replace or remove the file meanwhile; what is open stays as it was.
            return FileBlockDevice.Open(
                Path.Join(_root, path), share: FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Directory.Exists(_root)
                ? Failure(path, FailureReason.Missing, "is not there", e)
                : Failure(
                    path, FailureReason.Unavailable, $"is not there, nor the folder {_root}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Failure(path, FailureReason.Refused, "may not be read, or is a folder", e);
        }
        catch (IOException e)
        {
            throw Failure(
                path,
                FailureReason.Unavailable,
                $"cannot be opened: {e.Message.TrimEnd('.')}",
                e);
        }
    }

    private void CheckLength(in ObjectRequest request, FileBlockDevice file)
    {
        long needed = request.Offset + request.Length;
        if (request.ObjectLength > 0 ? file.Length != request.ObjectLength : file.Length < needed)
        {
            string expected = request.ObjectLength > 0
                ? $"{request.ObjectLength}" : $"at least {needed}";
            throw Failure(
                request.Path,
                FailureReason.Corrupt,
                $"has {file.Length} bytes instead of {expected}");
        }
    }

    private BlockIOException Failure(
        string path, FailureReason reason, string fact, Exception? inner = null) =>
        new(reason, $"{Path.Join(_root, path)} {fact}.", inner) { ObjectName = path };
}
