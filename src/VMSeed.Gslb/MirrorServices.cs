using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VMSeed.Gslb;

/// <summary>Puts mirrors below HTTP clients of a service container.</summary>
public static class MirrorServices
{
    /// <summary>Sends the requests of a client to mirrors.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <param name="configure">Names the mirrors; null: each request names its own.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">From the first use of the client, or from the start of a
    /// host: values are out of their limits; the message names them all.</exception>
    /// <remarks>
    /// The client's primary handler becomes a <see cref="MirrorHandler"/>, of which there is one
    /// for the container's lifetime (a keyed singleton, under the client's name): what it has
    /// learned and its connections must outlive the two minutes of a handler of the factory.
    /// HttpClient.Timeout is set to infinite; a fetch ends by itself.
    /// </remarks>
    public static IHttpClientBuilder AddMirrors(
        this IHttpClientBuilder builder, Action<MirrorHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLogging();
        builder.Services
            .AddOptions<MirrorHandlerOptions>(builder.Name)
            .Configure(configure ?? (static _ => { }))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<MirrorHandlerOptions>>(
            new MirrorOptionsCheck(builder.Name));
        builder.Services.AddKeyedSingleton(builder.Name, static (provider, name) =>
            new MirrorHandler(
                provider.GetRequiredService<IOptionsMonitor<MirrorHandlerOptions>>()
                    .Get((string)name!),
                provider.GetRequiredService<ILogger<MirrorHandler>>(),
                provider.GetService<TimeProvider>()));
        return builder
            .ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => new BorrowedHandler(
                provider.GetRequiredKeyedService<MirrorHandler>(builder.Name)));
    }
}
