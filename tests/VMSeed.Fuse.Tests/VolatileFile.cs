namespace VMSeed.Fuse.Tests;

/// <summary>A device whose every read reaches it: nothing of it is kept in the page
/// cache.</summary>
internal sealed class VolatileFile(string name, PatternDevice device) : FuseFile(name)
{
    public override long Length => device.Length;

    public override bool IsVolatile => true;

    public override async ValueTask<int> ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = (int)Math.Clamp(device.Length - offset, 0, buffer.Length);
        await device.ReadAsync(offset, buffer[..count], cancellationToken);
        return count;
    }
}
