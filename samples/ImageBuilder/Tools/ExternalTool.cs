using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace VMSeed.ImageBuilder.Tools;

/// <summary>A program of another project that does a part of the work.</summary>
/// <param name="Name">The program, as it is found on the path.</param>
/// <param name="Package">The Debian package that has it, for the message when it is
/// missing.</param>
public sealed record ExternalTool(string Name, string Package)
{
    // Programs of administrators are there on Debian, and not on the path of others.
    private static readonly string[] _adminFolders = ["/usr/sbin", "/sbin"];

    // What a program says of its failure stands at the end of what it says.
    private const int MaxComplaint = 400;

    /// <summary>What the program finds in its environment, beside what this process has.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } =
        new Dictionary<string, string>();

    /// <summary>Finds the program.</summary>
    /// <returns>Its full path; null where it is not installed.</returns>
    public string? Find() =>
        (System.Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(_adminFolders)
            .Select(folder => Path.Join(folder, Name))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs the program to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="ImageBuilderException">It is not installed, or it failed.</exception>
    public async Task<string> RunAsync(
        IEnumerable<string> arguments, CancellationToken cancellationToken = default)
    {
        string path = Find() ?? throw new ImageBuilderException(
            ImageBuilderFault.MissingTool,
            $"{Name} is not installed. Debian and Ubuntu have it in the package {Package}.");
        using Process process = Start(path, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> complaint = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw Failed(process.ExitCode, await complaint);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private Process Start(string path, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception failure)
        {
            throw new ImageBuilderException(
                ImageBuilderFault.ToolFailed,
                $"{path} cannot be started: {failure.Message}.",
                failure);
        }
    }

    private ImageBuilderException Failed(int code, string complaint)
    {
        string text = complaint.Trim().ReplaceLineEndings(" ").TrimEnd('.');
        text = text.Length > MaxComplaint ? "…" + text[^MaxComplaint..] : text;
        return new ImageBuilderException(
            ImageBuilderFault.ToolFailed,
            $"{Name} failed with exit code {code}: {text}.");
    }
}
