using VMSeed.Tidy.Tests.Rules;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests;

/// <summary>The repository keeps every rule of the house.</summary>
public sealed class TidyTests
{
    /// <summary>Findings in one message: more than a screen is not read.</summary>
    private const int Shown = 40;

    public static TheoryData<string> RuleNames =>
        [.. House.Rules.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_repository_keeps(string rule)
    {
        Finding[] findings = [.. House.Rules[rule].Check(SourceTree.OfRepository)];
        string first = string.Join('\n', findings.Take(Shown));
        Assert.True(
            findings.Length == 0, $"{findings.Length} places break {rule}, at first:\n{first}");
    }

    [Fact]
    public void The_repository_was_read()
    {
        Assert.Contains(SourceTree.OfRepository.Libraries, f => f.Name == "BlockDevice.cs");
        Assert.True(House.Rules.Count > 10);
    }
}
