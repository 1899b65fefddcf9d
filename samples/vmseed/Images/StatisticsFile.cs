using System.Text;
using VMSeed.Fuse;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Images;

/// <summary>The file <c>.stats</c> of a mount: what the disk has done so far, as JSON, anew at each
/// reading.</summary>
/// <param name="image">The image.</param>
internal sealed class StatisticsFile(OpenedImage image) : FuseFile(".stats")
{
    /// <inheritdoc/>
    public override long Length => Text().Length;

    /// <inheritdoc/>
    public override bool IsVolatile => true;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> text = Text();
        text = text[(int)Math.Min(offset, text.Length)..];
        text = text[..Math.Min(text.Length, buffer.Length)];
        text.CopyTo(buffer.Span);
        return new(text.Length);
    }

    private byte[] Text() => Encoding.UTF8.GetBytes(Report.ToJson(new
    {
        image = image.Title,
        length = image.Disk.Length,
        isWritable = image.Disk.CanWrite,
        remote = image.Statistics?.Invoke(),
    }) + "\n");
}
