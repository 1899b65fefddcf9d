namespace VMSeed.Disks.Formats.Cloop;

/// <summary>What the preamble calls itself.</summary>
/// <param name="Name">Four characters: a letter, a digit, a full stop, a digit.</param>
internal readonly record struct CloopVersion(string Name)
{
    /// <summary>Knopper's version 2, and FreeBSD's <c>mkuzip</c> with zlib.</summary>
    public bool IsZlib => Name is "V2.0" or "v2.0";

    /// <summary>FreeBSD's <c>mkuzip</c> with zstd.</summary>
    public bool IsZstd => Name is "Z4.0" or "z4.0";

    /// <summary>Knopper's version 4: a codec for each block.</summary>
    public bool HasCodecs => Name is "V4.0";

    /// <summary>FreeBSD marks images whose equal blocks are stored once by a small
    /// letter.</summary>
    public bool HasReferences => char.IsAsciiLetterLower(Name[0]);

    public bool IsRead => IsZlib || IsZstd || HasCodecs;

    /// <summary>The version in a preamble; null where none is.</summary>
    public static CloopVersion? Find(ReadOnlySpan<byte> preamble)
    {
        if (preamble.Length < CloopConstants.VersionOffset + 4)
        {
            return null;
        }

        ReadOnlySpan<byte> at = preamble.Slice(CloopConstants.VersionOffset, 4);
        bool isVersion = "VvLlZz"u8.Contains(at[0]) && char.IsAsciiDigit((char)at[1])
            && at[2] == '.' && char.IsAsciiDigit((char)at[3]);
        return isVersion ? new(System.Text.Encoding.ASCII.GetString(at)) : null;
    }
}
