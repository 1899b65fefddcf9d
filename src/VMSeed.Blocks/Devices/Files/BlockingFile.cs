using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>A file's bytes by offset; every member holds its thread for as long as the disk
/// takes.</summary>
internal sealed class BlockingFile
{
    // One write of zeros where no hole can be punched: large enough that the call's cost vanishes.
    private const int ZeroChunk = 64 * 1024;

    // Sectors of a disk are no larger (see RawDisk); punching keeps to them, the edges are written.
    private const long SectorBound = 4096;

    private readonly bool _isDisk;
    private readonly Lock _lengthGate = new();
    private long _length;

    internal BlockingFile(SafeFileHandle handle, string name)
    {
        Handle = handle;
        Name = name;
        _length = RandomAccess.GetLength(handle);
        if (_length == 0 && RawDisk.TryGetLength(handle, out long size))
        {
            _isDisk = true;
            _length = size;
        }
    }

    internal SafeFileHandle Handle { get; }

    internal string Name { get; }

    /// <summary>The length in bytes, as it was at the opening or set since.</summary>
    internal long Length => Volatile.Read(ref _length);

    internal static IOException Failure(string work, int error) =>
        new($"{work} failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);

    internal void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            int count = RandomAccess.Read(Handle, buffer, offset);
            if (count == 0)
            {
                throw new EndOfStreamException(
                    $"{Name} ends before byte {offset}: it has been cut from its {Length} bytes.");
            }

            buffer = buffer[count..];
            offset += count;
        }
    }

    internal void Write(long offset, ReadOnlySpan<byte> data) =>
        RandomAccess.Write(Handle, data, offset);

    internal void Zero(long offset, long length)
    {
        long start = _isDisk ? (offset + SectorBound - 1) / SectorBound * SectorBound : offset;
        long end = _isDisk ? (offset + length) / SectorBound * SectorBound : offset + length;
        if (end <= start || !HolePunch.TryZero(Handle, start, end - start))
        {
            WriteZeros(offset, length);
            return;
        }

        WriteZeros(offset, start - offset);
        WriteZeros(end, offset + length - end);
    }

    internal void Trim(long offset, long length)
    {
        if (_isDisk && OperatingSystem.IsLinux())
        {
            RawDisk.Trim(Handle, offset, length);
        }
        else if (length > 0)
        {
            // A hint: a file system without holes keeps the bytes, which is as good an answer.
            _ = HolePunch.TryPunch(Handle, offset, length);
        }
    }

    internal void Flush() => DataSync.Flush(Handle);

    internal Extent Map(long offset, long length) => HoleMap.Find(Handle, offset, length);

    internal void SetLength(long length)
    {
        if (_isDisk)
        {
            throw new NotSupportedException($"The size of {Name} is fixed.");
        }

        lock (_lengthGate)
        {
            RandomAccess.SetLength(Handle, length);
            Volatile.Write(ref _length, length);
        }
    }

    private void WriteZeros(long offset, long length)
    {
        byte[] zeros = new byte[(int)Math.Min(length, ZeroChunk)];
        for (long done = 0; done < length; done += zeros.Length)
        {
            int count = (int)Math.Min(length - done, zeros.Length);
            Write(offset + done, zeros.AsSpan(0, count));
        }
    }
}
