using System.Buffers.Binary;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>One of the two headers (2.2.2).</summary>
internal sealed record VhdxHeader
{
    private const int SequenceOffset = 8;
    private const int FileWriteOffset = 16;
    private const int DataWriteOffset = 32;
    private const int LogIdOffset = 48;
    private const int LogVersionOffset = 64;
    private const int VersionOffset = 66;
    private const int LogLengthOffset = 68;
    private const int LogOffsetOffset = 72;
    private const ushort KnownVersion = 1;

    public required ulong Sequence { get; init; }

    /// <summary>Changes before anything in the file does.</summary>
    public required Guid FileWriteId { get; init; }

    /// <summary>Changes before the disk's content does: what a child remembers.</summary>
    public required Guid DataWriteId { get; init; }

    /// <summary>Which entries of the log count; empty when there is nothing to replay.</summary>
    public required Guid LogId { get; init; }

    public required ushort LogVersion { get; init; }

    public required long LogOffset { get; init; }

    public required long LogLength { get; init; }

    /// <summary>Reads a header.</summary>
    /// <returns>Null when it is none, or torn: the other one counts then.</returns>
    public static VhdxHeader? TryParse(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != HeaderSignature
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[VhdxChecksum.Offset..])
                != VhdxChecksum.Of(bytes)
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[VersionOffset..]) != KnownVersion)
        {
            return null;
        }

        return new VhdxHeader
        {
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[SequenceOffset..]),
            FileWriteId = new Guid(bytes.Slice(FileWriteOffset, 16)),
            DataWriteId = new Guid(bytes.Slice(DataWriteOffset, 16)),
            LogId = new Guid(bytes.Slice(LogIdOffset, 16)),
            LogVersion = BinaryPrimitives.ReadUInt16LittleEndian(bytes[LogVersionOffset..]),
            LogLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[LogLengthOffset..]),
            LogOffset = (long)Math.Min(
                long.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(bytes[LogOffsetOffset..])),
        };
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, HeaderSignature);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(SequenceOffset), Sequence);
        FileWriteId.TryWriteBytes(bytes.AsSpan(FileWriteOffset));
        DataWriteId.TryWriteBytes(bytes.AsSpan(DataWriteOffset));
        LogId.TryWriteBytes(bytes.AsSpan(LogIdOffset));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(LogVersionOffset), LogVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(VersionOffset), KnownVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(LogLengthOffset), (uint)LogLength);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(LogOffsetOffset), (ulong)LogOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(VhdxChecksum.Offset), VhdxChecksum.Of(bytes));
        return bytes;
    }

    /// <summary>Holds the header to the file.</summary>
    /// <exception cref="DiskFormatException">Its log is not where one can be.</exception>
    public void Check(long fileLength)
    {
        if (LogOffset % MiB != 0 || LogLength % MiB != 0 || LogLength == 0
            || LogOffset < HeaderSectionLength || LogOffset > fileLength - LogLength)
        {
            throw DiskFormatException.Corrupt(
                $"The header of the VHDX has a log of {LogLength} bytes at {LogOffset}; it must "
                + $"lie at multiples of {MiB} within {fileLength} bytes.");
        }

        if (LogId != Guid.Empty && LogVersion != 0)
        {
            throw DiskFormatException.Unsupported(
                $"The log of the VHDX has version {LogVersion}; 0 is read.");
        }
    }
}
