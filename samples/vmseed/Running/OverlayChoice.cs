using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using VMSeed.Blocks.Primitives;
using VMSeed.Tool.Images;

namespace VMSeed.Tool.Running;

/// <summary>Where a guest's changes go: one file for each image, unless it is told
/// otherwise.</summary>
/// <remarks>QEMU's word for keeping nothing is "snapshot", which here names a snapshot within an
/// image at each verb that reads one; so this is --no-keep.</remarks>
internal sealed class OverlayChoice
{
    // Enough of a digest that no two addresses of a user share a file.
    private const int DigestCharacters = 16;

    private readonly Option<string?> _file = new("--overlay")
    {
        Description = "Where the guest's changes are kept; made when it does not exist. "
            + "[default: a file for each address in "
            + $"{Path.Join(DefaultFolders.State, "overlays")}]",
        HelpName = "FILE",
    };

    private readonly Option<bool> _noKeep = new("--no-keep")
    {
        Description = "Forget the guest's changes when it ends.",
    };

    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_noKeep);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_noKeep) && result.GetValue(_file) is not null)
            {
                result.AddError("--overlay and --no-keep exclude each other.");
            }
        });
    }

    /// <summary>Whether the changes outlive the guest.</summary>
    public bool IsKept(ParseResult line) => !line.GetValue(_noKeep);

    /// <summary>The overlay's file.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="image">The image's options: which image, and which state of it.</param>
    /// <param name="folder">Where it lies when it is not kept.</param>
    public string FileOf(ParseResult line, ImageOptions image, PrivateFolder folder)
    {
        if (!IsKept(line))
        {
            return folder["overlay"];
        }

        if (line.GetValue(_file) is { } file)
        {
            return Path.GetFullPath(file);
        }

        string overlays = Path.Join(DefaultFolders.State, "overlays");
        Directory.CreateDirectory(overlays);
        return Path.Join(overlays, NameOf(image.AddressOf(line), image.SnapshotOf(line)));
    }

    // A part for people, and one that tells apart. A key that is written behind an address is not
    // of the address.
    private static string NameOf(string address, string? snapshot)
    {
        string place = address.Split('#')[0];
        place = place.Contains("://", StringComparison.Ordinal) ? place : Path.GetFullPath(place);
        string digest = Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{place}\n{snapshot}")));
        string name = Path.GetFileNameWithoutExtension(place);
        return $"{name}-{digest[..DigestCharacters]}.overlay";
    }
}
