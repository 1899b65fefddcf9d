using System.Security.Cryptography.X509Certificates;
using VMSeed.Blocks.Devices;
using VMSeed.Nbd.Protocol;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests.Peers;

public sealed class TlsTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task QEMU_and_libnbd_read_and_write_encrypted()
    {
        using Certificates made = await Certificates.MakeAsync();
        byte[] content = Pattern.Disk(8 * MiB, seed: 4);
        await using MemoryBlockDevice device = new(content);
        await using Served served = Start(device, made, verify: true);
        string uri = $"{served.Uri}/?tls-certificates={made.Folder}";
        string copy = served["copy.raw"];
        await PeerProgram.OutputAsync("nbdcopy", "--connections=4", uri, copy);
        Assert.Equal(
            content, await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken));
        string changed = served.Write("new.raw", Pattern.Disk(8 * MiB, seed: 5));
        await PeerProgram.OutputAsync("nbdcopy", changed, uri);
        (string secret, string image) = Qemu(made, served);
        await PeerProgram.OutputAsync(
            "qemu-img", "compare", "--object", secret, "--image-opts", image,
            $"driver=raw,file.filename={changed}");
    }

    [Fact]
    public async Task Nothing_is_told_in_the_clear()
    {
        using Certificates made = await Certificates.MakeAsync();
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Start(device, made, verify: false, unix: true);
        using RawClient client = new(served);
        client.Greet();
        Assert.Equal(OptionReplyType.ErrorTlsRequired, client.Ask(OptionType.List).Type);
        Assert.Equal(OptionReplyType.ErrorTlsRequired, client.Ask(OptionType.StructuredReply).Type);
        Assert.Equal(
            OptionReplyType.ErrorTlsRequired,
            client.Ask(OptionType.Go, RawClient.NameAndInfos(string.Empty)).Type);
        client.Send(
            [
                .. RawClient.Option(OptionType.StartTls, []),
                .. RawClient.Option(OptionType.List, []),
            ]);
        Assert.True(client.IsHungUpOn());
        using RawClient old = new(served);
        old.Greet();
        old.Send(RawClient.Option(OptionType.ExportName, []));
        Assert.True(old.IsHungUpOn());
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_not_let_in()
    {
        using Certificates made = await Certificates.MakeAsync();
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Start(device, made, verify: true);
        File.Delete(made["client-cert.pem"]);
        File.Delete(made["client-key.pem"]);
        PeerResult refused = await PeerProgram.RunAsync(
            "nbdinfo", $"{served.Uri}/?tls-certificates={made.Folder}");
        Assert.NotEqual(0, refused.ExitCode);
        await using Served open = Start(device, made, verify: false);
        await PeerProgram.OutputAsync(
            "nbdinfo", $"{open.Uri}/?tls-certificates={made.Folder}");
    }

    [Fact]
    public async Task Encryption_that_is_offered_can_be_left_out()
    {
        using Certificates made = await Certificates.MakeAsync();
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Start(device, made, verify: false, required: false);
        await PeerProgram.OutputAsync("nbdinfo", served.Uri.Replace("nbds", "nbd"));
    }

    private static Served Start(
        MemoryBlockDevice device,
        Certificates made,
        bool verify,
        bool required = true,
        bool unix = false)
    {
        X509Certificate2Collection authorities = [];
        if (verify) { authorities.ImportFromPemFile(made["ca-cert.pem"]); }

        NbdServerOptions options = new()
        {
            Tls = new NbdTlsOptions
            {
                Certificate = X509Certificate2.CreateFromPemFile(
                    made["server-cert.pem"], made["server-key.pem"]),
                ClientAuthorities = authorities,
                Required = required,
            },
        };
        NbdExport[] exports = [new BlockDeviceExport(string.Empty, device)];
        return unix ? Served.Start(exports, options) : Served.StartTcp(exports, options);
    }

    private static (string Secret, string Image) Qemu(Certificates made, Served served)
    {
        int port = ((System.Net.IPEndPoint)served.Server.EndPoint).Port;
        return (
            $"tls-creds-x509,id=tls0,dir={made.Folder},endpoint=client",
            $"driver=nbd,host=127.0.0.1,port={port},tls-creds=tls0");
    }
}
