namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>One image of a part.</summary>
/// <param name="Id">Which snapshot it belongs to.</param>
/// <param name="IsPlain">Whether the file is the bytes themselves, not an expandable
/// image.</param>
/// <param name="File">Its name, as the descriptor spells it.</param>
internal sealed record BundleImage(Guid Id, bool IsPlain, string File);
