namespace VMSeed.Blocks.Sources;

/// <summary>A range of one file of a repository.</summary>
/// <param name="Path">The file, relative to the repository's root, with forward slashes.</param>
/// <param name="Offset">Where to begin, in bytes.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="ObjectLength">The whole file's size in bytes as the index says, 0 where it does
/// not.</param>
/// <param name="Purpose">Whether a reader waits for it.</param>
/// <param name="PastCaches">Whether caches on the way must ask the origin (RFC 9111 section
/// 5.2.1.4):
/// set for the second try after wrong bytes.</param>
/// <param name="Check">Judges all of the bytes before whoever asked sees them: see
/// <see cref="Http.HttpSourceKeys.Check"/>. Null where nothing can be said of them yet.</param>
/// <param name="IsWanted">Says whether a reader waits for it by now: see
/// <see cref="Http.HttpSourceKeys.Wanted"/>. Null where that does not change.</param>
internal readonly record struct ObjectRequest(
    string Path,
    long Offset,
    int Length,
    long ObjectLength = 0,
    ReadPurpose Purpose = ReadPurpose.Foreground,
    bool PastCaches = false,
    Func<ReadOnlyMemory<byte>, bool?>? Check = null,
    Func<bool>? IsWanted = null);
