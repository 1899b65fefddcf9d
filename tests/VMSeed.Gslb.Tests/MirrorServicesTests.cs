using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VMSeed.Gslb.Mirrors;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

public sealed class MirrorServicesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_of_the_factory_reads_from_mirrors_and_its_handler_outlives_it()
    {
        using TempFolder folder = new();
        folder.Write("a", [1, 2, 3]);
        await using FaultServer server = new(folder.Root);
        ServiceCollection services = new();
        services.AddHttpClient("disk").AddMirrors(options =>
        {
            options.Root = Farm.Root;
            options.IsRootAsked = false;
            options.Mirrors.Add(new Mirror(server.Root));
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        IHttpClientFactory factory = provider.GetRequiredService<IHttpClientFactory>();
        for (int i = 0; i < 2; i++)
        {
            using HttpClient client = factory.CreateClient("disk");
            Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
            Assert.Equal([1, 2, 3], await client.GetByteArrayAsync(new Uri(Farm.Root, "a"), Token));
        }

        MirrorHandler handler = provider.GetRequiredKeyedService<MirrorHandler>("disk");
        Assert.Equal(2, handler.FindSelector(Farm.Root)!.Desk.Sites[0].Requests);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public void Two_clients_have_handlers_of_their_own()
    {
        ServiceCollection services = new();
        services.AddHttpClient("a").AddMirrors();
        services.AddHttpClient("b").AddMirrors();
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.NotSame(
            provider.GetRequiredKeyedService<MirrorHandler>("a"),
            provider.GetRequiredKeyedService<MirrorHandler>("b"));
    }

    [Fact]
    public void Options_of_one_client_that_are_wrong_are_named_and_do_not_hurt_another()
    {
        ServiceCollection services = new();
        services.AddHttpClient("right").AddMirrors();
        services.AddHttpClient("wrong").AddMirrors(
            options => options.ConnectTimeout = TimeSpan.FromHours(1));
        using ServiceProvider provider = services.BuildServiceProvider();
        IHttpClientFactory factory = provider.GetRequiredService<IHttpClientFactory>();
        factory.CreateClient("right").Dispose();
        OptionsValidationException error = Assert.Throws<OptionsValidationException>(
            () => factory.CreateClient("wrong"));
        Assert.Contains("ConnectTimeout is 3600 s", error.Message);
    }
}
