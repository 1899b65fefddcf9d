using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Sources.Http;

namespace VMSeed.Blocks;

/// <summary>Registers lazy disks with a service container.</summary>
public static class LazyDiskServices
{
    /// <summary>Adds a <see cref="LazyDiskFactory"/> and its HTTP client.</summary>
    /// <param name="services">The container.</param>
    /// <param name="options">What every disk begins with.</param>
    /// <returns>The builder of the HTTP client, to plug handlers into.</returns>
    /// <exception cref="ArgumentException">Values are out of their limits; the message names them
    /// all.</exception>
    public static IHttpClientBuilder AddLazyDisks(
        this IServiceCollection services, LazyDiskOptions? options = null)
    {
        options ??= new LazyDiskOptions();
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.TryAddSingleton(provider => new LazyDiskFactory(
            options,
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        return services
            .AddHttpClient(LazyDiskFactory.HttpClientName)
            .ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(DefaultHttpClient.CreateHandler)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
    }
}
