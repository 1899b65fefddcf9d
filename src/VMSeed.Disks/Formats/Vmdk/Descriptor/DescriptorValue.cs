namespace VMSeed.Disks.Formats.Vmdk.Descriptor;

/// <summary>Where in a descriptor a value lies, without its quotes.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Length">How many there are.</param>
internal readonly record struct DescriptorValue(int Offset, int Length)
{
    /// <summary>What remains of a line without blanks and quotes.</summary>
    /// <param name="line">The line.</param>
    /// <param name="start">Where in it the value begins.</param>
    /// <param name="offset">Where the line begins.</param>
    public static DescriptorValue Within(ReadOnlySpan<char> line, int start, int offset)
    {
        int end = line.Length;
        while (start < end && (char.IsWhiteSpace(line[start]) || line[start] == '"'))
        {
            start++;
        }

        while (end > start && (char.IsWhiteSpace(line[end - 1]) || line[end - 1] == '"'))
        {
            end--;
        }

        return new(offset + start, end - start);
    }
}
