using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;
using VMSeed.Fuse.Protocol;

namespace VMSeed.Fuse.Serving;

/// <summary>A buffer for one request and its reply, used over and over.</summary>
/// <remarks>
/// The request is read to the buffer's start. The reply's payload begins a page further, on a page
/// boundary,
/// so that the kernel copies page to page; the reply's header stands right before it, so that one
/// write(2)
/// sends both. The memory is a pinned array, not native memory: a file that goes on writing into a
/// buffer
/// after its mount is gone harms nobody.
/// </remarks>
[SuppressMessage(
    "Design",
    "CA1001:Types that own disposable fields should be disposable",
    Justification = "A source without timer and wait handle holds nothing to be released.")]
internal sealed unsafe class FuseRequest
{
    private const int PageSize = 4096;

    private readonly byte[] _memory; // Keeps what _start points to alive.
    private readonly byte* _start;

    public FuseRequest(int transferLength)
    {
        _memory = GC.AllocateUninitializedArray<byte>(
            transferLength + (2 * PageSize), pinned: true);
        byte* first = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        int skip = (int)(-(nint)first & (PageSize - 1));
        _start = first + skip;
        Payload = _memory.AsMemory(skip + PageSize, transferLength);
    }

    /// <summary>Where the reply's payload goes, and how long it may be.</summary>
    public Memory<byte> Payload { get; }

    public InHeader Header { get; private set; }

    /// <summary>The descriptor that the request came from; the kernel takes its reply there
    /// only.</summary>
    public SafeFileHandle? Device { get; private set; }

    /// <summary>Cancelled when nobody waits for the reply any more.</summary>
    public CancellationTokenSource Cancellation { get; private set; } = new();

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Body => Whole[InHeader.Size..];

    /// <summary>The whole request.</summary>
    public ReadOnlySpan<byte> Whole => new(_start, (int)Header.Length);

    /// <summary>Where in <see cref="Body"/> bytes lie, for a file that takes them
    /// asynchronously.</summary>
    public ReadOnlyMemory<byte> BodyMemory(int offset, int length)
    {
        int bodyStart = (int)(_start - (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0))
            + InHeader.Size;
        return _memory.AsMemory(bodyStart + offset, length);
    }

    /// <summary>Waits for a request.</summary>
    /// <returns>0, or the error number of read(2).</returns>
    public int Receive(SafeFileHandle device)
    {
        nint count = Libc.read(device, _start, (nuint)(PageSize + Payload.Length));
        if (count < 0) { return Marshal.GetLastPInvokeError(); }

        return count == 0 ? Errno.ENODEV // The end of the stream: nobody is on the other side.
            : Accept(device, (int)count) ? 0
            : Errno.EPROTO;
    }

    /// <summary>Takes over a request that had to wait without a buffer.</summary>
    public void Load(WaitingRequest waiting)
    {
        waiting.Bytes.CopyTo(new Span<byte>(_start, waiting.Bytes.Length));
        _ = Accept(waiting.Device, waiting.Bytes.Length);
    }

    /// <summary>Reads the body's fixed part.</summary>
    /// <returns>False when the request is too short for it.</returns>
    public bool TryRead<T>(out T body)
        where T : unmanaged => MemoryMarshal.TryRead(Body, out body);

    /// <summary>Makes a value the reply's payload.</summary>
    /// <returns>The payload's length.</returns>
    public int Put<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Payload.Span, in value);
        return Unsafe.SizeOf<T>();
    }

    /// <summary>Sends the reply.</summary>
    /// <param name="result">The payload's length, or a negative error number.</param>
    /// <returns>0, or the error number of write(2).</returns>
    public int Reply(int result) => Reply(Device!, Header.Unique, result);

    /// <summary>Sends the reply to another request, which has no buffer of its own.</summary>
    public int Reply(SafeFileHandle device, ulong unique, int result)
    {
        int length = OutHeader.Size + Math.Max(result, 0);
        byte* reply = _start + PageSize - OutHeader.Size;
        *(OutHeader*)reply = new OutHeader((uint)length, Math.Min(result, 0), unique);
        try
        {
            return Libc.write(device, reply, (nuint)length) == length
                ? 0
                : Marshal.GetLastPInvokeError();
        }
        catch (ObjectDisposedException)
        {
            return Errno.ENODEV; // The file was slower than the unmounting.
        }
    }

    /// <summary>Parts from a source that a late interrupt may still cancel.</summary>
    public void RenewCancellation() => Cancellation = new CancellationTokenSource();

    private bool Accept(SafeFileHandle device, int count)
    {
        Device = device;
        Header = count < InHeader.Size ? default : *(InHeader*)_start;
        return count >= InHeader.Size && Header.Length == count;
    }
}
