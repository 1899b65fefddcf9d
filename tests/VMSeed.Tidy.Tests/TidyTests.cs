using VMSeed.Tidy.Tests.Rules;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests;

/// <summary>The repository keeps every rule of the house.</summary>
public sealed class TidyTests
{
    public static TheoryData<string> RuleNames =>
        [.. House.Rules.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void The_repository_keeps(string rule)
    {
        Finding[] findings = [.. House.Rules[rule].Check(SourceTree.OfRepository)];
        Assert.True(
            findings.Length == 0,
            $"{findings.Length} places break {rule}:\n{string.Join('\n', (object[])findings)}");
    }

    [Fact]
    public void The_repository_was_read()
    {
        Assert.Contains(SourceTree.OfRepository.Libraries, f => f.Name == "BlockDevice.cs");
        Assert.True(House.Rules.Count > 10);
    }
}
