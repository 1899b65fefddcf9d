// Reads a file through a device, in native code: what was compiled also runs.
using VMSeed.Blocks.Devices;

string path = Path.GetTempFileName();
try
{
    byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
    File.WriteAllBytes(path, content);
    await using FileBlockDevice device = FileBlockDevice.Open(path);
    byte[] read = new byte[content.Length];
    await device.ReadAsync(0, read);
    return read.AsSpan().SequenceEqual(content) ? 0 : 1;
}
finally
{
    File.Delete(path);
}
