using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Access;

/// <summary>Grants an image on a web server the files of its own folder there, to be read; never
/// another server's, or another folder's.</summary>
/// <remarks>They are opened as the image was: with its options, its credentials and its
/// query.</remarks>
public sealed class UrlFiles : FileResolver
{
    private readonly HttpRangeDevice _image;

    /// <summary>Grants the files beside an image.</summary>
    /// <param name="image">The image's file; stays the caller's, and must be open for as long as
    /// files are asked for.</param>
    public UrlFiles(HttpRangeDevice image)
    {
        ArgumentNullException.ThrowIfNull(image);
        _image = image;
    }

    /// <inheritdoc/>
    public override async ValueTask<ResolvedFile> OpenAsync(
        string name, FileAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (access != FileAccess.Read)
        {
            throw Denied(name, "a file of a web server can only be read");
        }

        try
        {
            HttpRangeDevice file = await _image
                .OpenSiblingAsync(SegmentOf(name), cancellationToken).ConfigureAwait(false);
            return new ResolvedFile(file, file.ToString(), new UrlFiles(file));
        }
        catch (ArgumentException)
        {
            throw Denied(name, $"it does not lie beside {_image}");
        }
        catch (BlockIOException failure) when (failure.Reason == FailureReason.Missing)
        {
            throw new DiskFormatException(
                DiskFault.MissingFile,
                $"The image asks for the file '{name}': there is none beside {_image}.",
                failure)
            {
                FileName = name,
            };
        }
    }

    /// <summary>The image.</summary>
    /// <returns>Its address.</returns>
    public override string ToString() => _image.ToString();

    // Windows' locators begin with ".\"; a full address may name this folder. What still has a
    // slash is refused by OpenSiblingAsync.
    private string SegmentOf(string name)
    {
        string own = _image.ToString();
        string folder = own[..(own.LastIndexOf('/') + 1)];
        if (name.StartsWith(folder, StringComparison.Ordinal))
        {
            return Uri.UnescapeDataString(name[folder.Length..]);
        }

        return name.StartsWith("./", StringComparison.Ordinal)
            || name.StartsWith(".\\", StringComparison.Ordinal)
            ? name[2..]
            : name;
    }
}
