using System.CommandLine;

namespace VMSeed.Tool.CommandLine;

/// <summary>One word of the command line, and what it does.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description)
        : base(name, description) => SetAction(RunAsync);

    /// <summary>Does it.</summary>
    /// <returns>The exit code. Failures are thrown: they are reported in one place.</returns>
    protected abstract Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken);
}
