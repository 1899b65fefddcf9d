namespace VMSeed.Nbd.Tests.Serving;

public sealed class PrefetchTests
{
    [Fact]
    public async Task A_cache_command_reads_what_is_not_local_and_nothing_else()
    {
        const int runs = 16;
        PatternDevice device = new(runs * PatternDevice.RunLength, sparse: true);
        await using Served served = Served.Start(device);
        await Nbdsh.RunAsync(served.Uri, $"""
            h.connect_uri(uri)
            h.cache({runs * PatternDevice.RunLength}, 0)
            h.shutdown()
            """);
        Assert.Equal(runs / 4, device.Reads);
    }
}
