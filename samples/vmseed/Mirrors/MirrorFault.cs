using VMSeed.Blocks.Primitives;

namespace VMSeed.Tool.Mirrors;

/// <summary>Something that is wrong at a mirror.</summary>
/// <param name="Reason">Missing, corrupt, unavailable or refused.</param>
/// <param name="Message">A sentence that says more.</param>
internal sealed record MirrorFault(FailureReason Reason, string Message);
