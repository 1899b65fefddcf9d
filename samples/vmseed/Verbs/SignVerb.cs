using System.CommandLine;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed sign --repo DIR --name NAME --key FILE</c>: a new signature, without
/// packing.</summary>
internal sealed class SignVerb : Verb
{
    private readonly RepositoryOptions _repository = new();

    private readonly SigningOptions _signing = new();

    private readonly Option<bool> _add = new("--add")
    {
        Description = "Leave the head's date and expiry, and sign beside the other keys.",
    };

    public SignVerb()
        : base("sign", "Signs the newest head again: a later expiry, another key, one key more.")
    {
        _repository.AddTo(this);
        _signing.AddTo(this);
        Add(_add);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string name = _repository.NameOf(line)
            ?? throw new ToolException(ExitCode.Usage, "which image? Give --name NAME.");
        if (!_signing.HasKeys(line))
        {
            throw new ToolException(ExitCode.Usage, "which key? Give --key FILE.");
        }

        using SigningKeys keys = await _signing.ReadAsync(line, cancellationToken);
        SignOptions options = new()
        {
            RepositoryPath = _repository.FolderOf(line),
            Name = name,
            Keys = keys.All,
            KeepSignatures = line.GetValue(_add),
            Expires = _signing.ExpiresOf(line),
        };
        ImageHead head = await HeadSigner.SignAsync(options, cancellationToken);
        string address = _repository.HeadOf(line, name) + keys.Fragment;
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new
            {
                name,
                version = head.Version,
                signed = head.SignedAt,
                expires = head.Expires,
                keyIds = keys.Ids,
                address,
            });
            return ExitCode.Done;
        }

        Report.WriteFacts(
            ("Signed", $"{name} version {head.Version}, {Moment.Format(head.SignedAt)}"),
            ("By", string.Join(", ", keys.Ids)),
            ("Expires", head.Expires is { } end ? Moment.Format(end) : "never"),
            ("Address", address));
        return ExitCode.Done;
    }
}
