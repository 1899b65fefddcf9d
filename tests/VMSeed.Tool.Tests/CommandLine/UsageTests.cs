using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.CommandLine;

public sealed class UsageTests
{
    [Theory]
    [InlineData("bogus")]
    [InlineData("read")]
    [InlineData("read images/x.vmseed --offset 1Q")]
    [InlineData("read images/x.vmseed --timeout soon")]
    [InlineData("serve . --listen nowhere")]
    [InlineData("pack x.raw --repo www --key k --expires whenever")]
    [InlineData("pack x.raw --repo www --key k --boot kernel")]
    [InlineData("pack x.raw --repo www --key k --codec rar")]
    [InlineData("pack x.raw --repo www --key k --mirror nowhere")]
    public async Task Wrong_usage_is_told_and_points_to_the_help(string line)
    {
        Outcome outcome = (await Vmseed.RunAsync(line.Split(' '))).MustExit(2);
        Assert.StartsWith("vmseed: ", outcome.Error);
        Assert.Matches("Try 'vmseed.* --help'\\.", outcome.Error);
        Assert.Empty(outcome.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pack ")]
    [InlineData("cache prune ")]
    public async Task Help_tells_the_exit_codes(string verb)
    {
        Outcome outcome = await Vmseed.RunAsync($"{verb}--help".Split(' '));
        Assert.Contains("Exit codes:", outcome.MustExit(0).Text);
    }

    [Fact]
    public async Task Help_of_a_verb_below_another_shows_its_own_arguments_alone()
    {
        Outcome outcome = (await Vmseed.RunAsync("seed", "info", "--help")).MustExit(0);
        Assert.Contains("vmseed seed info <address> [options]", outcome.Text);
        Assert.Contains("vmseed seed <address> ", (await Vmseed.RunAsync("seed", "--help")).Text);
    }

    [Fact]
    public async Task A_stack_trace_is_for_those_who_ask()
    {
        Outcome quiet = await Vmseed.RunAsync("info", "nowhere", "--allow-unsigned");
        quiet.MustFail(2, "'nowhere' does not end in .vmseed");
        Outcome verbose = (await Vmseed.RunAsync("info", "nowhere", "--allow-unsigned", "-v"))
            .MustExit(2);
        Assert.Contains("   at ", verbose.Error);
    }
}
