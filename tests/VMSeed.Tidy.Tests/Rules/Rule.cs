using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules;

/// <summary>One rule of the house, in one file; <see cref="House"/> lists them all.</summary>
internal abstract class Rule
{
    /// <summary>Every place in the tree that breaks the rule.</summary>
    public abstract IEnumerable<Finding> Check(SourceTree tree);
}
