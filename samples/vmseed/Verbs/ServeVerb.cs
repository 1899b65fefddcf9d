using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;
using VMSeed.Tool.Serving;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed serve FOLDER</c>: a web server over a repository, until Ctrl-C.</summary>
internal sealed class ServeVerb : Verb
{
    private readonly Argument<string> _folder = new("folder")
    {
        Description = "The repository: the folder that --repo of pack named.",
    };

    private readonly Option<IPEndPoint> _listen = new("--listen", "-l")
    {
        Description = "Where to listen; port 0 takes a free one.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 8080),
        CustomParser = result =>
        {
            if (!ListenAddress.TryParse(result.Tokens[^1].Value, out IPEndPoint endPoint))
            {
                result.AddError(
                    $"'{result.Tokens[^1].Value}' for --listen is not {ListenAddress.Expected}.");
            }

            return endPoint;
        },
    };

    public ServeVerb()
        : base("serve", "Serves a repository over HTTP, for trials. --verbose logs each request.")
    {
        Add(_folder);
        Add(_listen);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string folder = line.GetRequiredValue(_folder);
        if (!Directory.Exists(folder))
        {
            throw new ToolException(ExitCode.Missing, $"there is no folder '{folder}'.");
        }

        using ILoggerFactory loggers = Loggers.Create(line);
        await using RepositoryServer server = await StartAsync(
            folder,
            line.GetRequiredValue(_listen),
            loggers,
            line.GetValue(SharedOptions.Verbose) ? LogRequest : null,
            cancellationToken);
        foreach (string address in server.Addresses)
        {
            Announce(folder, address);
        }

        await WaitAsync(cancellationToken);
        return ExitCode.Done;
    }

    private static async Task<RepositoryServer> StartAsync(
        string folder,
        IPEndPoint endPoint,
        ILoggerFactory loggers,
        Action<HttpContext>? onRequest,
        CancellationToken cancellationToken)
    {
        try
        {
            return await RepositoryServer.StartAsync(
                folder, endPoint, loggers, onRequest, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new ToolException(
                ExitCode.Other,
                $"cannot listen at {endPoint}: {failure.GetBaseException().Message}. "
                + "Choose another with --listen.",
                failure);
        }
    }

    private static void Announce(string folder, string address)
    {
        Console.Out.WriteLine($"Serving {folder} at {address}/ until Ctrl-C.");
        IReadOnlyList<string> images = RepositoryListing.ImagesOf(folder);
        foreach (string image in images)
        {
            Console.Out.WriteLine($"  {address}/images/{image}");
        }

        if (images.Count == 0)
        {
            Console.Out.WriteLine("  There is no image yet; 'vmseed pack' makes one.");
        }
    }

    private static void LogRequest(HttpContext context)
    {
        HttpRequest request = context.Request;
        HttpResponse response = context.Response;
        string range = request.Headers.Range.ToString();
        Console.Error.WriteLine(
            $"{request.Method} {request.Path} {(range.Length > 0 ? range : "-")} "
            + $"{response.StatusCode} {response.ContentLength ?? 0}");
    }

    private static async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // This is how serving ends.
        }
    }
}
