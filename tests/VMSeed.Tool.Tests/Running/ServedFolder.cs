using System.Text.RegularExpressions;

namespace VMSeed.Tool.Tests.Running;

/// <summary>A folder behind <c>vmseed serve</c>, which can be killed and come back at the same
/// port.</summary>
internal sealed partial class ServedFolder : IAsyncDisposable
{
    private readonly string _folder;
    private RunningTool _tool;

    private ServedFolder(string folder, RunningTool tool)
    {
        _folder = folder;
        _tool = tool;
        Address = Place().Match(tool.Output).Groups[1].Value;
    }

    /// <summary>The server's address, without a slash at its end.</summary>
    public string Address { get; }

    public string Output => _tool.Output;

    /// <summary>A line a request.</summary>
    public string Log => _tool.Error;

    /// <summary>Starts a server at a free port.</summary>
    public static async Task<ServedFolder> StartAsync(string folder) =>
        new(folder, await StartAsync(folder, "127.0.0.1:0"));

    public Task KillAsync() => _tool.KillAsync();

    public async Task RestartAsync()
    {
        await _tool.DisposeAsync();
        _tool = await StartAsync(_folder, new Uri(Address).Authority);
    }

    public ValueTask DisposeAsync() => _tool.DisposeAsync();

    private static Task<RunningTool> StartAsync(string folder, string listen) =>
        RunningTool.StartAsync(
            "  ", "serve", folder, "--listen", listen, "--verbose");

    [GeneratedRegex(@" at (http://[^ ]+)/ until")]
    private static partial Regex Place();
}
