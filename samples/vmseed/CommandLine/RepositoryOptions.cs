using System.CommandLine;

namespace VMSeed.Tool.CommandLine;

/// <summary>Which image of which repository a publisher's verb is about.</summary>
internal sealed class RepositoryOptions
{
    private readonly Option<string> _repository = new("--repo", "-r")
    {
        Description = "The repository's folder: what the web server serves.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string?> _name = new("--name", "-n")
    {
        Description = "The image's name: letters, digits, '.', '_' and '-'.",
        HelpName = "NAME",
    };

    public void AddTo(Command command)
    {
        command.Add(_repository);
        command.Add(_name);
    }

    public string FolderOf(ParseResult line) =>
        Path.GetFullPath(line.GetRequiredValue(_repository));

    public string? NameOf(ParseResult line) => line.GetValue(_name);

    /// <summary>The newest head's file.</summary>
    public string HeadOf(ParseResult line, string name) =>
        Path.Join(FolderOf(line), "images", name + ".vmseed");
}
