using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests.Peers;

/// <summary>An authority, a server and a client, made by openssl under the names that QEMU and
/// libnbd look for.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly TempFolder _folder = new();

    public string Folder => _folder.Root;

    public string this[string name] => _folder[name];

    public static async Task<Certificates> MakeAsync()
    {
        Certificates made = new();
        await OpenSslAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=Test Authority", "-keyout", made["ca-key.pem"],
            "-out", made["ca-cert.pem"]);
        await made.IssueAsync("server", "serverAuth");
        await made.IssueAsync("client", "clientAuth");
        return made;
    }

    public void Dispose() => _folder.Dispose();

    private async Task IssueAsync(string name, string usage)
    {
        await OpenSslAsync(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=localhost", "-keyout", this[$"{name}-key.pem"], "-out", this[$"{name}.csr"]);
        string extensions = _folder.Write(
            $"{name}.ext",
            System.Text.Encoding.ASCII.GetBytes(
                $"subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage={usage}\n"
                + "keyUsage=digitalSignature\n"));
        await OpenSslAsync(
            "x509", "-req", "-days", "2", "-in", this[$"{name}.csr"], "-CA", this["ca-cert.pem"],
            "-CAkey", this["ca-key.pem"], "-CAcreateserial", "-extfile", extensions, "-out",
            this[$"{name}-cert.pem"]);
    }

    private static Task<string> OpenSslAsync(params string[] arguments) =>
        PeerProgram.OutputAsync("openssl", arguments);
}
