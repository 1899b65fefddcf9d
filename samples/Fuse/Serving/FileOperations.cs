using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Protocol.Messages;

namespace VMSeed.Fuse.Serving;

/// <summary>The requests that reach a file. None trusts a number that the kernel sends.</summary>
internal static class FileOperations
{
    public static async ValueTask<int> ReadAsync(FuseRequest request, FuseFile file)
    {
        // A reply that is shorter than asked for means the end of the file, so a size that does not
        // fit is
        // an error and never cut.
        if (!request.TryRead(out ReadIn body)
            || body.Size > request.Payload.Length || body.Offset > long.MaxValue)
        {
            return -Errno.EINVAL;
        }

        long offset = (long)body.Offset;
        int size = (int)body.Size;
        if (!file.IsVolatile)
        {
            size = (int)Math.Clamp(file.Length - offset, 0, size);
        }

        return size == 0
            ? 0
            : await file.ReadAsync(offset, request.Payload[..size], request.Cancellation.Token);
    }

    public static async ValueTask<int> WriteAsync(FuseRequest request, FuseFile file)
    {
        if (!request.TryRead(out WriteIn body)
            || body.Offset > long.MaxValue
            || body.Size > request.Body.Length - WriteIn.StructSize)
        {
            return -Errno.EINVAL;
        }

        if (!file.CanWrite) { return -Errno.EROFS; }

        await file.WriteAsync(
            (long)body.Offset,
            request.BodyMemory(WriteIn.StructSize, (int)body.Size),
            request.Cancellation.Token);
        return request.Put(new WriteOut(body.Size, 0));
    }

    /// <summary>Zeroes a range within the file, which keeps its size. Other modes are
    /// refused: space is not set aside, and nothing is moved.</summary>
    public static async ValueTask<int> ZeroAsync(FuseRequest request, FuseFile file)
    {
        if (!request.TryRead(out FAllocateIn body)) { return -Errno.EINVAL; }

        if (!file.CanWrite) { return -Errno.EROFS; }

        if ((body.Mode & ~FAllocateIn.KeepSize)
            is not (FAllocateIn.PunchHole or FAllocateIn.ZeroRange))
        {
            return -Errno.EOPNOTSUPP;
        }

        // What lies behind the end is zeros already.
        ulong offset = Math.Min(body.Offset, (ulong)file.Length);
        ulong length = Math.Min(body.Length, (ulong)file.Length - offset);
        await file.ZeroAsync((long)offset, (long)length, request.Cancellation.Token);
        return 0;
    }

    public static async ValueTask<int> FlushAsync(FuseRequest request, FuseFile file)
    {
        await file.FlushAsync(request.Cancellation.Token);
        return 0;
    }

    public static async ValueTask<int> SeekAsync(FuseRequest request, FuseFile file)
    {
        if (!request.TryRead(out LseekIn body)
            || body.Whence is not (LseekIn.SeekData or LseekIn.SeekHole))
        {
            return -Errno.EINVAL;
        }

        if (body.Offset >= (ulong)file.Length) { return -Errno.ENXIO; }

        long found = await file.SeekAsync(
            (long)body.Offset, body.Whence == LseekIn.SeekHole, request.Cancellation.Token);
        return found < 0 ? -Errno.ENXIO : request.Put(new LseekOut((ulong)found));
    }
}
