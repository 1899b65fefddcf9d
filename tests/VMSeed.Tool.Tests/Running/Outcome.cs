using System.Text;
using System.Text.Json;

namespace VMSeed.Tool.Tests.Running;

/// <summary>What a run of the tool came to.</summary>
internal sealed record Outcome(int ExitCode, byte[] Bytes, string Error)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Demands an exit code; what was printed explains another.</summary>
    public Outcome MustExit(int code)
    {
        Assert.True(ExitCode == code, $"Exit code {ExitCode}, not {code}.\n{Text}\n{Error}");
        return this;
    }

    /// <summary>Demands a failure that is told in one line, and no stack trace.</summary>
    public void MustFail(int code, string saying)
    {
        MustExit(code);
        string line = Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.StartsWith("vmseed: ", line);
        Assert.Contains(saying, line);
    }

    public JsonElement Json() => JsonDocument.Parse(MustExit(0).Bytes).RootElement;
}
