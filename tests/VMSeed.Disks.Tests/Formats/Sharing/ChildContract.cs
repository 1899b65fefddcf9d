using VMSeed.Testing;

namespace VMSeed.Disks.Tests.Formats.Sharing;

/// <summary>A differencing image over a parent that has a content, and keeps it byte for
/// byte.</summary>
/// <param name="shape">What child and parent are; the length is the contract's.</param>
/// <param name="extension">What their names end with.</param>
public abstract class ChildContract(VirtualDiskCreateOptions shape, string extension)
    : SharedFilesContract
{
    protected override string Main => "child" + extension;

    private string ParentName => "parent" + extension;

    protected override byte[] Initial(int length) => Pattern.Disk(length, 11);

    protected override async ValueTask<string[]> MakeAsync(string folder, long length)
    {
        VirtualDiskCreateOptions options = shape with { Length = length };
        string path = Path.Join(folder, ParentName);
        await using (VirtualDisk made = await VirtualDisk.CreateFileAsync(path, options, Token))
        {
            await made.WriteAsync(0, Initial((int)length), Token);
        }

        await using VirtualDisk parent = await VirtualDisk.OpenFileAsync(
            path, cancellationToken: Token);
        await using VirtualDisk child = await VirtualDisk.CreateFileAsync(
            Path.Join(folder, Main),
            options with { Parent = parent, ParentName = ParentName },
            Token);
        return [ParentName];
    }

    protected override ValueTask CheckWithOracleAsync(
        string folder, byte[] content, bool isRecovered) =>
        CheckAsync(Path.Join(folder, Main), content, isRecovered);
}
