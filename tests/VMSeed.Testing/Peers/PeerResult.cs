namespace VMSeed.Testing.Peers;

/// <summary>What a program said until its end.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Errors">Its standard error.</param>
public sealed record PeerResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Everything it said, for a message.</summary>
    public string Text => $"exit code {ExitCode}: {Errors.Trim()} {Output.Trim()}";
}
