using System.CommandLine;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Exporting;

/// <summary>Images beside the first, each under a name: NAME=ADDRESS.</summary>
internal sealed class MoreExports
{
    private readonly Option<string[]> _exports = new("--export", "-e")
    {
        Description = "One more image, under a name. Repeatable; all options hold for it too.",
        HelpName = "NAME=ADDRESS",
    };

    public void AddTo(Command command) => command.Add(_exports);

    public IReadOnlyList<(string Name, string Address)> Of(ParseResult line) =>
        [.. (line.GetValue(_exports) ?? []).Select(Split)];

    private static (string Name, string Address) Split(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < text.Length - 1
            ? (text[..equals], text[(equals + 1)..])
            : throw new ToolException(
                ExitCode.Usage, $"'{text}' for --export is not NAME=ADDRESS.");
    }
}
