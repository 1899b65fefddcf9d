using VMSeed.Testing;
using VMSeed.Testing.Contracts;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>It is a block device like any other.</summary>
public sealed class HttpRangeDeviceContractTests : BlockDeviceContract, IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<FaultServer> _servers = [];

    public async ValueTask DisposeAsync()
    {
        foreach (FaultServer server in _servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    protected override async ValueTask<BlockDevice> MakeAsync(byte[] content)
    {
        _folder.Write("disk.raw", content);
        var server = new FaultServer(_folder.Root) { Fields = ["ETag: \"1\""] };
        _servers.Add(server);
        return await HttpRangeDevice.OpenAsync(
            new Uri(server.Root, "disk.raw"),
            new HttpRangeOptions { CacheDirectory = null, BlockSize = 4096 },
            Token);
    }
}
