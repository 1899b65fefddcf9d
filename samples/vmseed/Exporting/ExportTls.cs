using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VMSeed.Nbd;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Exporting;

/// <summary>Certificates, in the folder and under the names that QEMU and nbdkit use.</summary>
internal sealed class ExportTls
{
    private readonly Option<string?> _folder = new("--tls")
    {
        Description = "Encrypt, with server-cert.pem and server-key.pem of this folder. Clients "
            + "that do not are refused.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _verify = new("--tls-verify-peer")
    {
        Description = "Let in only clients with a certificate of ca-cert.pem in that folder.",
    };

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_verify);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_verify) && result.GetValue(_folder) is null)
            {
                result.AddError("--tls-verify-peer needs --tls.");
            }
        });
    }

    /// <summary>Reads the certificates.</summary>
    /// <returns>Null when nothing is to be encrypted.</returns>
    public NbdTlsOptions? Of(ParseResult line)
    {
        if (line.GetValue(_folder) is not { } folder) { return null; }

        string certificates = Path.Join(folder, "server-cert.pem");
        try
        {
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(certificates);
            return new NbdTlsOptions
            {
                Certificate = X509Certificate2.CreateFromPemFile(
                    certificates, Path.Join(folder, "server-key.pem")),
                Intermediates = [.. chain.Skip(1)],
                ClientAuthorities = line.GetValue(_verify)
                    ? Read(Path.Join(folder, "ca-cert.pem")) : [],
            };
        }
        catch (CryptographicException failure)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"the certificates in {folder} cannot be used: {failure.Message}",
                failure);
        }
    }

    private static X509Certificate2Collection Read(string file)
    {
        X509Certificate2Collection found = [];
        found.ImportFromPemFile(file);
        return found.Count > 0
            ? found
            : throw new ToolException(ExitCode.Usage, $"there is no certificate in {file}.");
    }
}
