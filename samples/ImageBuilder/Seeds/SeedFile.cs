namespace VMSeed.ImageBuilder.Seeds;

/// <summary>A file that a seed was written to.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its size in bytes; of a raw disk what it occupies, without its
/// holes.</param>
/// <param name="Sha256">The SHA-256 of its bytes, in hexadecimal; null for a raw disk, whose 32 GiB
/// of zeros would take minutes. What is handed on is the archive, which has one.</param>
public sealed record SeedFile(string Path, long Length, string? Sha256);
