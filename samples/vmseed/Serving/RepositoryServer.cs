using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VMSeed.Tool.Serving;

/// <summary>A web server over a repository's folder, for trials: GET and HEAD, with
/// ranges.</summary>
/// <remarks>Files and folders whose names begin with a dot are the publisher's own, and not
/// served.</remarks>
internal sealed class RepositoryServer : IAsyncDisposable
{
    /// <summary>An object never changes: a year is the longest that RFC 2616 let anyone
    /// promise.</summary>
    private const string ForEver = "public, max-age=31536000, immutable";

    /// <summary>A head may be replaced at any moment: caches ask again each time.</summary>
    private const string AskAgain = "no-cache";

    // Answers under way may finish; a reader that stalls does not hold the server up.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly PhysicalFileProvider _files;

    private RepositoryServer(WebApplication app, PhysicalFileProvider files) =>
        (_app, _files) = (app, files);

    /// <summary>The addresses that it listens at, without a slash at their end.</summary>
    public IEnumerable<string> Addresses => _app.Services
        .GetRequiredService<IServer>()
        .Features.Get<IServerAddressesFeature>()!
        .Addresses;

    /// <summary>Starts a server.</summary>
    /// <param name="folder">The repository.</param>
    /// <param name="endPoint">Where to listen; port 0 takes a free one.</param>
    /// <param name="loggers">Where its own errors go.</param>
    /// <param name="onRequest">Told of each request when it is answered; may be null.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    public static async Task<RepositoryServer> StartAsync(
        string folder,
        IPEndPoint endPoint,
        ILoggerFactory loggers,
        Action<HttpContext>? onRequest,
        CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(endPoint);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, SignalsElsewhere>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _patience);
        PhysicalFileProvider files = new(Path.GetFullPath(folder));
        RepositoryServer server = new(Configure(builder.Build(), files, onRequest), files);
        try
        {
            await server._app.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _files.Dispose();
    }

    private static WebApplication Configure(
        WebApplication app, PhysicalFileProvider files, Action<HttpContext>? onRequest)
    {
        if (onRequest is not null)
        {
            app.Use(async (context, next) =>
            {
                await next(context);
                onRequest(context);
            });
        }

        // The file provider hides names that begin with a dot, and serves what lies below such
        // folders.
        app.UseWhen(IsHidden, hidden => hidden.Run(NotFoundAsync));
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            ServeUnknownFileTypes = true,
            DefaultContentType = "application/octet-stream",
            OnPrepareResponse = SetCaching,
        });
        return app;
    }

    private static bool IsHidden(HttpContext context) =>
        context.Request.Path.Value?.Contains("/.", StringComparison.Ordinal) == true;

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static void SetCaching(StaticFileResponseContext answer) =>
        answer.Context.Response.Headers.CacheControl =
            answer.Context.Request.Path.StartsWithSegments("/objects") ? ForEver : AskAgain;
}
