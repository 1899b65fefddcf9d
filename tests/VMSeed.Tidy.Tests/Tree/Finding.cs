namespace VMSeed.Tidy.Tests.Tree;

/// <summary>A place that breaks a rule, and what to do about it.</summary>
/// <param name="Path">The file, from the root of the repository.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">A sentence that names the value and the bound, and one that says what to
/// do.</param>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";
}
