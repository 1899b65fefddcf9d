using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Verification;

/// <summary>An object that is not as it must be.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="Reason">Missing, corrupt, unavailable or refused.</param>
/// <param name="Message">A sentence that says more.</param>
public sealed record ObjectFault(string Path, FailureReason Reason, string Message);
