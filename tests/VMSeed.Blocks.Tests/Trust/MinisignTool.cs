using System.Diagnostics;

namespace VMSeed.Blocks.Tests.Trust;

/// <summary>The real minisign, in a folder of its own that goes with the object.</summary>
internal sealed class MinisignTool : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmseed-minisign-");

    public MinisignTool() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "minisign"))),
        "minisign is not installed (apt-get install minisign).");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string name, ReadOnlySpan<byte> bytes) =>
        File.WriteAllBytes(PathOf(name), bytes);

    public void Write(string name, ReadOnlySpan<char> text) =>
        File.WriteAllText(PathOf(name), text);

    public byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    public string ReadText(string name) => File.ReadAllText(PathOf(name));

    /// <summary>Runs minisign in the folder; the input answers its prompts.</summary>
    public (int Code, string Output) Run(string input, params string[] arguments)
    {
        ProcessStartInfo start = new("minisign", arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MINISIGN_CONFIG_DIR"] = _folder.FullName;
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync(
            TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    public void Succeed(string input, params string[] arguments)
    {
        (int code, string output) = Run(input, arguments);
        Assert.True(code == 0, output);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
