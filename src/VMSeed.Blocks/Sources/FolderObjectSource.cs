using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources;

/// <summary>A repository in a local folder: the publisher's own, a mounted disk, an archive.</summary>
/// <remarks>Links inside the folder are followed: who can make them there could as well put the files there, and the
/// bytes are checked in any case.</remarks>
/// <param name="root">The folder that holds <c>images/</c> and <c>objects/</c>.</param>
internal sealed class FolderObjectSource(string root) : ObjectSource
{
    private readonly string _root = Path.GetFullPath(root);

    /// <inheritdoc/>
    public override ValueTask<ObjectBody> OpenAsync(
        ObjectRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Length);
        cancellationToken.ThrowIfCancellationRequested();
        SafeFileHandle file = Open(request.Path, out string name);
        try
        {
            CheckLength(request, RandomAccess.GetLength(file), name);
            return new(new FolderObjectBody(file, name, request.Offset, request.Length));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<byte[]> ReadWholeAsync(
        string path, int limit, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = Open(path, out string name);
        long length = RandomAccess.GetLength(file);
        if (length > limit)
        {
            throw new BlockIOException(
                FailureReason.Refused, $"{name} has {length} bytes; more than {limit} are not read.")
            {
                ObjectName = path,
            };
        }

        byte[] bytes = new byte[(int)length];
        FolderObjectBody body = new(file, name, 0, bytes.Length);
        await body.FillAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => default;

    /// <inheritdoc/>
    public override string ToString() => _root;

    private SafeFileHandle Open(string path, out string name)
    {
        name = Path.Join(_root, path);
        if (!ObjectPath.IsValid(path))
        {
            throw Failure(FailureReason.Refused, "is not opened: no repository has such a name");
        }

        try
        {
            return File.OpenHandle(
                name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Directory.Exists(_root)
                ? Failure(FailureReason.Missing, "is not there", e)
                : Failure(FailureReason.Unavailable, $"cannot be had: there is no folder {_root}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Failure(FailureReason.Refused, "may not be read, or is a folder", e);
        }
        catch (IOException e)
        {
            throw Failure(FailureReason.Unavailable, $"cannot be opened: {e.Message.TrimEnd('.')}", e);
        }

        BlockIOException Failure(FailureReason reason, string fact, Exception? inner = null) =>
            new(reason, $"{Path.Join(_root, path)} {fact}.", inner) { ObjectName = path };
    }

    private static void CheckLength(in ObjectRequest request, long length, string name)
    {
        long needed = request.Offset + request.Length;
        if (request.ObjectLength > 0 ? length != request.ObjectLength : length < needed)
        {
            string expected = request.ObjectLength > 0
                ? $"{request.ObjectLength}" : $"at least {needed}";
            throw new BlockIOException(
                FailureReason.Corrupt, $"{name} has {length} bytes instead of {expected}.")
            {
                ObjectName = request.Path,
            };
        }
    }
}
