using System.CommandLine;
using VMSeed.Blocks.Trust;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Keys;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Verbs;

/// <summary><c>vmseed keygen NAME</c>: a key pair in minisign's format.</summary>
internal sealed class KeygenVerb : Verb
{
    private readonly Argument<string> _name = new("name")
    {
        Description = "Where the pair goes: NAME.key, to be kept, and NAME.pub, to be given away.",
    };

    private readonly Option<bool> _noPassword = new("--no-password")
    {
        Description = "Leave the secret key without a password.",
    };

    public KeygenVerb()
        : base("keygen", "Makes a key pair to sign images with (minisign's format).")
    {
        Add(_name);
        Add(_noPassword);
        Add(Passwords.FileOption);
        Add(SharedOptions.Force);
        Add(SharedOptions.Json);
    }

    protected override async Task<int> RunAsync(
        ParseResult line, CancellationToken cancellationToken)
    {
        string name = line.GetRequiredValue(_name);
        bool force = line.GetValue(SharedOptions.Force);
        (string secret, string open) = (name + KeyFiles.SecretSuffix, name + KeyFiles.PublicSuffix);
        if (!force && (File.Exists(secret) ? secret : File.Exists(open) ? open : null) is { } there)
        {
            throw new ToolException(
                ExitCode.Other,
                $"{there} exists. A key that is overwritten is lost; --force does it anyway.");
        }

        char[] password = line.GetValue(_noPassword)
            ? []
            : await ChooseAsync(Passwords.From(line), cancellationToken);
        using SecretKey key = SecretKey.Generate();
        char[] text = key.Format(password);
        Array.Clear(password);
        await KeyFiles.WriteAsync(secret, text, secret: true, force);
        Array.Clear(text);
        await KeyFiles.WriteAsync(open, key.PublicKey.Format().AsMemory(), secret: false, force);
        Tell(line, key.PublicKey, secret, open);
        return ExitCode.Done;
    }

    private static async Task<char[]> ChooseAsync(
        Passwords passwords, CancellationToken cancellationToken)
    {
        char[] password = await passwords.AskAsync("Password: ", cancellationToken);
        char[] again = passwords.IsFromFile
            ? password
            : await passwords.AskAsync("Password (again): ", cancellationToken);
        return !password.AsSpan().SequenceEqual(again)
            ? throw new ToolException(ExitCode.Usage, "the two passwords are not the same.")
            : password.Length > 0
            ? password
            : throw new ToolException(
                ExitCode.Usage, "the password is empty; --no-password leaves the key without one.");
    }

    private static void Tell(ParseResult line, PublicKey key, string secret, string open)
    {
        if (line.GetValue(SharedOptions.Json))
        {
            Report.WriteJson(new
            {
                secretKeyFile = secret,
                publicKeyFile = open,
                keyId = key.KeyId,
                publicKey = key.ToString(),
            });
            return;
        }

        Report.WriteFacts(
            ("Secret key", $"{secret} (keep it; it signs)"),
            ("Public key", $"{open} (give it to your readers)"),
            ("Key id", key.KeyId),
            ("Key", key.ToString()));
    }
}
