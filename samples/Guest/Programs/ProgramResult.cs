namespace VMSeed.Guest.Programs;

/// <summary>How a program has ended.</summary>
/// <param name="ExitCode">0 where it succeeded.</param>
/// <param name="Output">What it said.</param>
internal sealed record ProgramResult(int ExitCode, string Output)
{
    /// <summary>Throws where the program has failed.</summary>
    /// <param name="what">What was tried.</param>
    public void ThrowIfFailed(string what)
    {
        if (ExitCode != 0)
        {
            throw new IOException($"'{what}' failed (exit code {ExitCode}): {Output.Trim()}");
        }
    }
}
