using VMSeed.Testing.Peers;
using Xunit;

namespace VMSeed.Testing.Contracts.Disks;

/// <summary>What QEMU says of an image.</summary>
public static class QemuOracle
{
    /// <summary>Fails unless <c>qemu-img check</c> is content and QEMU reads the same
    /// disk.</summary>
    /// <param name="path">The image.</param>
    /// <param name="format">QEMU's name of its format.</param>
    /// <param name="content">What the disk must hold.</param>
    /// <param name="allowLeaks">Whether storage may be lost, as after a power cut.</param>
    /// <param name="hasExactLength">Whether QEMU must see the very length; where not, it may see
    /// zeros beyond.</param>
    public static async Task CheckAsync(
        string path,
        string format,
        ReadOnlyMemory<byte> content,
        bool allowLeaks = false,
        bool hasExactLength = true)
    {
        QemuCheck? check = await QemuImg.CheckAsync(path, format);
        Assert.True(
            check is null || check.IsClean || (allowLeaks && check.Errors + check.Corruptions == 0),
            $"qemu-img check: {check?.Text}");
        string raw = path + ".raw";
        await File.WriteAllBytesAsync(raw, content, TestContext.Current.CancellationToken);
        Assert.True(
            await QemuImg.CompareAsync(raw, "raw", path, format),
            $"QEMU reads another content from the {format} image.");
        if (hasExactLength)
        {
            Assert.Equal(
                content.Length,
                (await QemuImg.InfoAsync(path, format)).GetProperty("virtual-size").GetInt64());
        }
    }
}
