using System.Security.Cryptography;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;
using VMSeed.Blocks.Trust;
using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests.WideArea;

/// <summary>A file system with programs, text and noise in it, published as anybody would, on a
/// real web server.</summary>
public sealed class PublishedImage : IAsyncLifetime
{
    private const int NoiseLength = 10 << 20;
    private const int TextLength = 6 << 20;

    // Ours are a few; with them come the platform's that tests are run by.
    private const long ProgramsLength = 8 << 20;

    private readonly TempFolder _folder = new();

    private NginxServer? _server;

    /// <summary>The image's name in its repository.</summary>
    public static string HeadName => "images/disk.vmseed";

    /// <summary>The web server's root.</summary>
    public Uri Server => _server!.Root;

    /// <summary>Who signed it.</summary>
    public PublicKey Key { get; private set; } = null!;

    /// <summary>Bytes of the disk.</summary>
    public long Length { get; private set; }

    /// <summary>SHA-256 of the disk.</summary>
    public byte[] Digest { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        string disk = await MakeDiskAsync();
        using SecretKey key = SecretKey.Generate();
        Key = key.PublicKey;
        await using (FileBlockDevice device = FileBlockDevice.Open(disk))
        {
            Length = device.Length;
            await ImagePublisher.PublishAsync(device, new PublishOptions
            {
                RepositoryPath = _folder["www"],
                Name = "disk",
                Keys = [key],
                Level = 1,
            });
        }

        await using FileStream stream = File.OpenRead(disk);
        Digest = await SHA256.HashDataAsync(stream);
        _server = await NginxServer.StartAsync(_folder["www"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<string> MakeDiskAsync()
    {
        _folder.Write("files/noise", Pattern.Random(NoiseLength, 1));
        _folder.Write("files/text", Pattern.Text(TextLength, 2));
        long copied = 0;
        foreach (string program in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        {
            byte[] bytes = await File.ReadAllBytesAsync(program);
            copied += bytes.Length;
            if (copied < ProgramsLength)
            {
                _folder.Write(Path.Join("files", Path.GetFileName(program)), bytes);
            }
        }

        string disk = _folder["disk.raw"];
        await PeerProgram.OutputAsync(
            "mkfs.ext4", "-q", "-d", _folder["files"], disk, "40M");
        return disk;
    }
}
