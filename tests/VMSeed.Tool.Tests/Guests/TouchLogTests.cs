using VMSeed.Testing;
using VMSeed.Tool.Running;

namespace VMSeed.Tool.Tests.Guests;

public sealed class TouchLogTests
{
    [Fact]
    public async Task First_touches_are_written_in_order_and_neighbours_as_one()
    {
        TouchLog log = new(10 * 4096 + 100);
        log.Add(8192, 4096);
        log.Add(12288, 1);
        log.Add(0, 100);
        log.Add(8000, 5000);
        log.Add(40960, 100);
        log.Add(0, 0);
        using TempFolder folder = new();
        await log.WriteAsync(folder["profile"], "disk version 1");
        string[] lines = await File.ReadAllLinesAsync(
            folder["profile"], TestContext.Current.CancellationToken);
        Assert.Equal(
            ["8192 8192", "0 8192", "40960 100"],
            lines.Where(line => line[0] != '#'));
        Assert.Contains("# disk version 1", lines);
    }
}
