using System.Security.Cryptography;
using VMSeed.Blocks.Trust;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Keys;

/// <summary>Key pairs as files beside each other: NAME.key and NAME.pub, as minisign writes
/// them.</summary>
internal static class KeyFiles
{
    public const string SecretSuffix = ".key";
    public const string PublicSuffix = ".pub";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a public key from its text, or from a file with or without its
    /// ending.</summary>
    public static PublicKey ReadPublic(string textOrFile)
    {
        if (PublicKey.TryParse(textOrFile, out PublicKey? key))
        {
            return key;
        }

        string path = Find(textOrFile, PublicSuffix, "public key");
        return PublicKey.TryParse(File.ReadAllText(path), out key)
            ? key
            : throw new ToolException(ExitCode.Refused, $"{path} is no minisign public key.");
    }

    /// <summary>Reads a secret key, asking for its password where it has one.</summary>
    public static async Task<SecretKey> ReadSecretAsync(
        string file, Passwords passwords, CancellationToken cancellationToken)
    {
        string path = Find(file, SecretSuffix, "secret key");
        char[] text = (await File.ReadAllTextAsync(path, cancellationToken)).ToCharArray();
        char[] password = [];
        try
        {
            password = SecretKey.NeedsPassword(text)
                ? await passwords.AskAsync($"Password of {path}: ", cancellationToken)
                : [];
            return SecretKey.Parse(text, password);
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException)
        {
            throw new ToolException(ExitCode.Refused, $"{path}: {failure.Message}", failure);
        }
        finally
        {
            Array.Clear(text);
            Array.Clear(password);
        }
    }

    /// <summary>Writes a file whole or not at all; a secret one for its owner's eyes
    /// only.</summary>
    public static async Task WriteAsync(
        string path, ReadOnlyMemory<char> text, bool secret, bool overwrite)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (secret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        string temporary = path + ".new";
        File.Delete(temporary);
        await using (StreamWriter writer = new(temporary, options))
        {
            await writer.WriteAsync(text);
        }

        File.Move(temporary, path, overwrite);
    }

    private static string Find(string file, string suffix, string what) =>
        File.Exists(file) ? file
        : File.Exists(file + suffix) ? file + suffix
        : throw new ToolException(
            ExitCode.Missing, $"there is no {what} '{file}', and no '{file}{suffix}'.");
}
