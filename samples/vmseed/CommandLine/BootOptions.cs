using System.CommandLine;
using System.Globalization;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;

namespace VMSeed.Tool.CommandLine;

/// <summary>What boots an image beside its disk.</summary>
internal sealed class BootOptions
{
    private readonly Option<BootFileSource[]> _files = new("--boot")
    {
        Description = "A boot file; the roles are kernel, initrd, modules, firmware, other. "
            + "Repeatable, in the order of loading.",
        HelpName = "ROLE=FILE",
        CustomParser = result =>
        {
            List<BootFileSource> files = [];
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                int sign = text.IndexOf('=');
                if (sign <= 0)
                {
                    result.AddError($"'{text}' for --boot is not ROLE=FILE.");
                    return [];
                }

                files.Add(new BootFileSource(text[..sign], text[(sign + 1)..]));
            }

            return [.. files];
        },
    };

    private readonly Option<BootRoot?> _root = new("--boot-root")
    {
        Description = "The partition of the root file system (0 for the whole disk), and its type.",
        HelpName = "NUMBER:TYPE",
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            string[] parts = text.Split(':', 2);
            if (parts.Length == 2 && parts[1].Length > 0
                && int.TryParse(
                    parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return new BootRoot(number, parts[1]);
            }

            result.AddError($"'{text}' for --boot-root is not NUMBER:TYPE, as in 1:ext4.");
            return null;
        },
    };

    private readonly Option<string?> _arguments = new("--boot-arguments")
    {
        Description = "The kernel's command line.",
        HelpName = "TEXT",
    };

    public void AddTo(Command command)
    {
        command.Add(_files);
        command.Add(_root);
        command.Add(_arguments);
    }

    public BootFileSource[] FilesOf(ParseResult line) => line.GetValue(_files) ?? [];

    public BootRoot? RootOf(ParseResult line) => line.GetValue(_root);

    public string? ArgumentsOf(ParseResult line) => line.GetValue(_arguments);
}
