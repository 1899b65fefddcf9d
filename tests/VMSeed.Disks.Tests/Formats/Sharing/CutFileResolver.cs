using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Testing.Devices;

namespace VMSeed.Disks.Tests.Formats.Sharing;

/// <summary>Grants an image the files that lose power with it; those that it only reads cannot be
/// written.</summary>
internal sealed class CutFileResolver(PowerCutFiles files) : FileResolver
{
    public override ValueTask<ResolvedFile> OpenAsync(
        string name, FileAccess access, CancellationToken cancellationToken = default)
    {
        // Of what an image remembers of its machine, only the last part means anything here.
        string last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        if (!files.Contains(last))
        {
            throw new DiskFormatException(DiskFault.MissingFile, $"There is no file '{name}'.")
            {
                FileName = name,
            };
        }

        return new(new ResolvedFile(
            access == FileAccess.Read ? new ReadOnlyDevice(files[last]) : files[last],
            last,
            this));
    }
}
