using System.Buffers.Binary;
using System.Text;

namespace VMSeed.ImageBuilder.GuestFiles;

// A program names what it must be loaded with in two places of its file: the loader by a program
// header of its own kind (PT_INTERP), the libraries in its dynamic section (DT_NEEDED), as offsets
// into a table of strings. Programs of the machine that builds are read here, so nothing of this is
// hostile in the usual sense, but every offset is checked all the same.

/// <summary>What an x86-64 program or library must be loaded with (System V ABI, "ELF-64 Object
/// File Format").</summary>
/// <param name="Interpreter">The path of its loader; null for a library, or a static
/// program.</param>
/// <param name="Needed">The libraries that it names.</param>
internal sealed record ElfFile(string? Interpreter, IReadOnlyList<string> Needed)
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int MachineX64 = 62;
    private const int LoadSegment = 1;
    private const int DynamicSegment = 2;
    private const int InterpreterSegment = 3;
    private const int NeededTag = 1;
    private const int StringTableTag = 5;

    private static ReadOnlySpan<byte> Magic => [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no such program, or contradicts
    /// itself.</exception>
    public static ElfFile Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderSize || !file.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) != MachineX64)
        {
            throw new InvalidDataException("it is no program for x86-64");
        }

        List<Segment> segments = SegmentsOf(file);
        string? interpreter = segments.Find(one => one.Kind == InterpreterSegment) is { } path
            ? TextAt(file, path.Offset)
            : null;
        return new ElfFile(interpreter, NeededOf(file, segments));
    }

    private static List<Segment> SegmentsOf(ReadOnlySpan<byte> file)
    {
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(file[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[56..]);
        List<Segment> segments = [];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = Slice(
                file, start + ((ulong)i * ProgramHeaderSize), ProgramHeaderSize);
            segments.Add(new Segment(
                BinaryPrimitives.ReadInt32LittleEndian(header),
                BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(header[32..])));
        }

        return segments;
    }

    private static List<string> NeededOf(ReadOnlySpan<byte> file, List<Segment> segments)
    {
        if (segments.Find(one => one.Kind == DynamicSegment) is not { } dynamic)
        {
            return [];
        }

        List<ulong> names = [];
        ulong table = 0;
        ReadOnlySpan<byte> entries = Slice(file, dynamic.Offset, dynamic.Length);
        for (; entries.Length >= 16; entries = entries[16..])
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(entries[8..]);
            switch (BinaryPrimitives.ReadUInt64LittleEndian(entries))
            {
                case NeededTag:
                    names.Add(value);
                    break;
                case StringTableTag:
                    table = value;
                    break;
                default:
                    break;
            }
        }

        ulong strings = OffsetOf(table, segments);
        List<string> needed = [];
        foreach (ulong name in names)
        {
            needed.Add(TextAt(file, strings + name));
        }

        return needed;
    }

    // The dynamic section speaks of addresses in memory; a segment says where those are in the
    // file.
    private static ulong OffsetOf(ulong address, List<Segment> segments) =>
        segments.Find(one => one.Kind == LoadSegment
            && address >= one.Address && address - one.Address < one.Length) is { } segment
            ? address - segment.Address + segment.Offset
            : throw new InvalidDataException($"no segment holds its address {address}");

    private static string TextAt(ReadOnlySpan<byte> file, ulong offset)
    {
        ReadOnlySpan<byte> rest = offset < (ulong)file.Length ? file[(int)offset..] : [];
        int end = rest.IndexOf((byte)0);
        return end < 0
            ? throw new InvalidDataException("one of its names has no end")
            : Encoding.UTF8.GetString(rest[..end]);
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> file, ulong offset, ulong length) =>
        offset <= (ulong)file.Length && length <= (ulong)file.Length - offset
            ? file.Slice((int)offset, (int)length)
            : throw new InvalidDataException(
                $"it names {length} bytes at {offset}, and has {file.Length}");

    private sealed record Segment(int Kind, ulong Offset, ulong Address, ulong Length);
}
