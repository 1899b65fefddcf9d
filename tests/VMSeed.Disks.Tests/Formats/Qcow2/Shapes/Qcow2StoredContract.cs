using System.Collections.Concurrent;
using VMSeed.Blocks;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Disks.Tests.Formats.Qcow2.Shapes;

/// <summary>The contract over an image in which everything is stored already and nothing may be
/// written in its place: plain and compressed clusters of zeros, held by a snapshot or
/// not.</summary>
public abstract class Qcow2StoredContract : Qcow2Contract
{
    private static readonly ConcurrentDictionary<(Type, long), Task<byte[]>> s_images = new();

    protected override VirtualDiskCreateOptions Shape => Make("v3");

    /// <summary>What <c>qemu-img create</c> is told.</summary>
    protected virtual string QemuOptions => "compat=1.1";

    /// <summary>Whether a snapshot has all of it too.</summary>
    protected virtual bool HasSnapshot => false;

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length)
    {
        byte[] image = await s_images.GetOrAdd((GetType(), length), _ => MakeAsync(length));
        await file.SetLengthAsync(image.Length, Token);
        await file.WriteAsync(0, image, Token);
        return await OpenAsync(file, true);
    }

    private async Task<byte[]> MakeAsync(long length)
    {
        using TempFolder folder = new();
        string path = folder["image"];
        await QemuImg.CreateAsync(path, "qcow2", length, QemuOptions);
        await QemuIo.RunAsync(
            path,
            "qcow2",
            [
                .. Enumerable.Range(16, 32).Select(i => $"write -c -P 0 {i * 65_536} 65536"),
                QemuIo.Write(0, 1 << 20, 0), QemuIo.Write(3 << 20, 1 << 20, 0),
            ]);
        if (HasSnapshot)
        {
            await PeerProgram.OutputAsync("qemu-img", "snapshot", "-c", "zeros", path);
        }

        return await File.ReadAllBytesAsync(path, Token);
    }
}
