using System.Net;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

public sealed class MirrorHandlerTests : IAsyncDisposable
{
    private readonly Farm _farm = new(13);

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public async Task A_file_comes_from_a_mirror_and_keeps_the_address_that_was_asked_for()
    {
        byte[] file = _farm.Write("objects/a", 1000);
        using HttpRequestMessage request = Farm.Ask("objects/a");
        using HttpResponseMessage response = await _farm.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(file, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(1000, response.Content.Headers.ContentLength);
        Assert.Same(request, response.RequestMessage);
        Assert.Equal(new Uri(Farm.Root, "objects/a"), request.RequestUri);
        Assert.Single(_farm.ServerOf(response).Requests);
    }

    [Fact]
    public async Task The_best_mirror_dies_in_mid_read_and_no_reader_notices()
    {
        const int length = 64 * 1024;
        byte[] file = _farm.Write("objects/a", length * 16);
        for (int i = 0; i < 200; i++)
        {
            int at = i % 16 * length;
            Assert.Equal(
                file[at..(at + length)], await _farm.ReadAsync("objects/a", file, at, length));
            if (i == 50)
            {
                FaultServer best = _farm.Servers.MaxBy(server => server.Requests.Count)!;
                best.Always("*", Fault.ResetAfter(1000));
            }
        }
    }
}
