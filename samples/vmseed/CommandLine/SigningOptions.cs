using System.CommandLine;
using VMSeed.Tool.Keys;

namespace VMSeed.Tool.CommandLine;

/// <summary>Which keys sign, and until when.</summary>
internal sealed class SigningOptions
{
    private readonly Option<string[]> _keys = new("--key", "-k")
    {
        Description = "A secret key that signs: a file of keygen or minisign. Repeatable.",
        HelpName = "FILE",
    };

    private readonly Option<DateTimeOffset?> _expires = Quantities.Moment(
        "--expires", "When readers stop accepting the head from a server. [default: never]");

    public void AddTo(Command command)
    {
        command.Add(_keys);
        command.Add(Passwords.FileOption);
        command.Add(_expires);
    }

    public bool HasKeys(ParseResult line) => line.GetValue(_keys) is { Length: > 0 };

    public DateTimeOffset? ExpiresOf(ParseResult line) => line.GetValue(_expires);

    /// <summary>Reads the keys, asking for passwords.</summary>
    public async Task<SigningKeys> ReadAsync(ParseResult line, CancellationToken cancellationToken)
    {
        SigningKeys keys = new();
        try
        {
            foreach (string file in line.GetValue(_keys) ?? [])
            {
                keys.Add(await KeyFiles.ReadSecretAsync(
                    file, Passwords.From(line), cancellationToken));
            }

            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }
}
