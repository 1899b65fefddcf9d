namespace VMSeed.Tool.Copying;

/// <summary>A copy to the standard output, where zeros are bytes like all others.</summary>
internal sealed class PipeTarget : CopyTarget
{
    private static readonly byte[] _zeros = new byte[1024 * 1024];

    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await StandardOutput.WriteAsync(data, cancellationToken);

    public override async ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        for (long done = 0; done < length; done += _zeros.Length)
        {
            int count = (int)Math.Min(_zeros.Length, length - done);
            await StandardOutput.WriteAsync(_zeros.AsMemory(0, count), cancellationToken);
        }
    }
}
