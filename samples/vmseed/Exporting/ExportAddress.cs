using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using VMSeed.Tool.Serving;

namespace VMSeed.Tool.Exporting;

/// <summary>Where a server of block devices listens.</summary>
internal sealed class ExportAddress
{
    // The port of NBD (IANA).
    private const int DefaultPort = 10809;

    private readonly Option<string?> _socket = new("--socket", "-s")
    {
        Description = "Listen at a Unix socket, in place of a port.",
        HelpName = "PATH",
    };

    private readonly Option<IPEndPoint?> _listen = new("--listen", "-l")
    {
        Description = "Where to listen; port 0 takes a free one. [default: 127.0.0.1:10809]",
        HelpName = "HOST:PORT",
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

    public void AddTo(Command command)
    {
        command.Add(_socket);
        command.Add(_listen);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_socket) is not null && result.GetValue(_listen) is not null)
            {
                result.AddError("--socket and --listen exclude each other.");
            }
        });
    }

    /// <summary>Whether the command line says where.</summary>
    public bool IsSaid(ParseResult line) =>
        line.GetValue(_socket) is not null || line.GetValue(_listen) is not null;

    public EndPoint Of(ParseResult line) => line.GetValue(_socket) is { } path
        ? new UnixDomainSocketEndPoint(Path.GetFullPath(path))
        : line.GetValue(_listen) ?? new IPEndPoint(IPAddress.Loopback, DefaultPort);
}
