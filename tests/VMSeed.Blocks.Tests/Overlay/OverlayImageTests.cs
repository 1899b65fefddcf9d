using VMSeed.Blocks.Overlay;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests.Overlay;

/// <summary>Overlays over published images: what they need of the network, and which version they
/// hold on to.</summary>
public sealed class OverlayImageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_uploads_what_was_changed_and_downloads_nothing_else()
    {
        using TempFolder folder = new();
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16, isSigned: true);
        await using LazyDisk lazy = await image.OpenAsync();
        await using OverlayDisk disk = lazy.WithOverlay(folder["o"]);
        string[] packs = image.Objects("VMSP");
        byte[] expected = image.Content;
        await WriteAsync(disk, expected, 1 << 20, 64 * 1024);
        await WriteAsync(disk, expected, (2 << 20) + 4096, 8192);
        await disk.ZeroAsync(3 << 20, 128 * 1024, Token);
        expected.AsSpan(3 << 20, 128 * 1024).Clear();
        Assert.DoesNotContain(image.Server.Requests, request => packs.Contains(request.Path));

        PublishResult result = await ImagePublisher.PublishAsync(
            disk,
            PublishOptions.After(lazy.Head, image.Repository.Root) with
            {
                Keys = [image.Repository.Key!],
            },
            cancellationToken: Token);
        Assert.Equal(2, result.Head.Version);
        Assert.Equal((2, 2), (result.NewBlocks, result.ZeroBlocks));

        // The one block that is partly new; the index is read besides.
        ServedRequest only = Assert.Single(
            image.Server.Requests, request => packs.Contains(request.Path));
        Assert.InRange(only.Length, 1, 80 * 1024);

        await using LazyDisk next = await image.OpenAsync();
        Assert.Equal(2, next.Head.Version);
        byte[] found = new byte[expected.Length];
        await next.ReadAsync(0, found, Token);
        Assert.True(expected.AsSpan().SequenceEqual(found), "The new version differs.");
    }

    [Fact]
    public async Task A_newer_version_strands_no_overlay()
    {
        using TempFolder folder = new();
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        byte[] expected = (byte[])image.Content.Clone();
        await using (LazyDisk lazy = await image.OpenAsync())
        {
            await using OverlayDisk disk = lazy.WithOverlay(folder["o"]);
            await WriteAsync(disk, expected, 70_000, 5000);
        }

        await image.PublishAsync(image.Content.Length, seed: 9);
        await using (LazyDisk newest = await image.OpenAsync())
        {
            BlockIOException refused = Assert.Throws<BlockIOException>(
                () => newest.WithOverlay(folder["o"]));
            Assert.Contains("disk version 1", refused.Message, StringComparison.Ordinal);
            Assert.Contains("disk version 2", refused.Message, StringComparison.Ordinal);
        }

        OverlayInfo info = await OverlayDisk.ReadInfoAsync(folder["o"], Token);
        Assert.EndsWith("images/disk.vmseed", info.Base.Address, StringComparison.Ordinal);
        await using LazyDisk old = await image.OpenAsync(
            options => options with { SignedHead = info.Base.SignedHead });
        Assert.Equal(1, old.Head.Version);
        await using OverlayDisk again = old.WithOverlay(folder["o"]);
        byte[] found = new byte[expected.Length];
        await again.ReadAsync(0, found, Token);
        Assert.True(expected.AsSpan().SequenceEqual(found), "The disk differs.");

        IOException late = await Assert.ThrowsAsync<IOException>(
            () => ImagePublisher.PublishAsync(
                again,
                PublishOptions.After(old.Head, image.Repository.Root) with
                {
                    Keys = [image.Repository.Key!],
                },
                cancellationToken: Token));
        Assert.Contains("is at version 2", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_head_that_somebody_else_signed_is_refused()
    {
        await using ServedImage image = await ServedImage.CreateAsync(isSigned: true);
        await using ServedImage other = await ServedImage.CreateAsync(isSigned: true);
        await using LazyDisk lazy = await other.OpenAsync();
        BlockIOException refused = await Assert.ThrowsAsync<BlockIOException>(
            () => image.OpenAsync(options => options with { SignedHead = lazy.SignedHead }));
        Assert.Equal(FailureReason.Refused, refused.Reason);
    }

    private static async Task WriteAsync(OverlayDisk disk, byte[] model, int offset, int length)
    {
        Pattern.Random(length, offset).CopyTo(model, offset);
        await disk.WriteAsync(offset, model.AsMemory(offset, length), Token);
    }
}
