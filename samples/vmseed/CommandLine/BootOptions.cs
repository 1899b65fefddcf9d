using System.CommandLine;
using System.Globalization;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;
using VMSeed.Disks;
using VMSeed.ImageBuilder.Boot;
using VMSeed.Tool.Images;
using VMSeed.Tool.Output;
using VMSeed.Tool.Publishing;

namespace VMSeed.Tool.CommandLine;

/// <summary>What boots an image beside its disk.</summary>
internal sealed class BootOptions
{
    // No role of a head's: what is published of it is one archive, in the role of modules.
    private const string TreeRole = "modules-tree";

    private const string KernelRole = "kernel";

    private static readonly string[] _foundRoles = [KernelRole, "modules", TreeRole];

    private readonly Option<bool> _bootable = new("--bootable")
    {
        Description = "Take the newest kernel and its modules out of the disk's root file system "
            + "(ext4, xfs, btrfs, erofs, squashfs; a live image's), so that seeds can be made "
            + "of the image. --boot-root says which, where there are several.",
    };

    private readonly Option<string?> _release = new("--boot-release")
    {
        Description = "With --bootable: the release of the kernel, as uname -r says it. "
            + "[default: the newest that has its modules]",
        HelpName = "RELEASE",
    };

    private readonly Option<BootFileSource[]> _files = new("--boot")
    {
        Description = "A boot file; the roles are kernel, initrd, modules, firmware, other, and "
            + "modules-tree for the folder /lib/modules/RELEASE, out of which the drivers that a "
            + "seed needs are taken. Repeatable, in the order of loading.",
        HelpName = "ROLE=FILE",
        CustomParser = result =>
        {
            List<BootFileSource> files = [];
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                int sign = text.IndexOf('=');
                if (sign <= 0)
                {
                    result.AddError($"'{text}' for --boot is not ROLE=FILE.");
                    return [];
                }

                files.Add(new BootFileSource(text[..sign], text[(sign + 1)..]));
            }

            return [.. files];
        },
    };

    private readonly Option<BootRoot?> _root = new("--boot-root")
    {
        Description = "The partition of the root file system (0 for the whole disk), and its type.",
        HelpName = "NUMBER:TYPE",
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            string[] parts = text.Split(':', 2);
            if (parts.Length == 2 && parts[1].Length > 0
                && int.TryParse(
                    parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return new BootRoot(number, parts[1]);
            }

            result.AddError($"'{text}' for --boot-root is not NUMBER:TYPE, as in 1:ext4.");
            return null;
        },
    };

    private readonly Option<string?> _arguments = new("--boot-arguments")
    {
        Description = "What the kernel's command line needs beyond a seed's own words.",
        HelpName = "TEXT",
    };

    public void AddTo(Command command)
    {
        command.Add(_bootable);
        command.Add(_release);
        command.Add(_files);
        command.Add(_root);
        command.Add(_arguments);
    }

    /// <summary>Brings the boot files that are not there yet: out of the disk, out of a folder of
    /// modules.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="image">The disk.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<BootFiles> TakeAsync(
        ParseResult line, OpenedImage image, CancellationToken cancellationToken)
    {
        BootFileSource[] files = line.GetValue(_files) ?? [];
        BootPack? pack = line.GetValue(_bootable)
            ? await TakeOutAsync(line, files, image, cancellationToken)
            : await TakeTreeAsync(files, cancellationToken);
        return new BootFiles(
            pack,
            [.. pack?.Files ?? [], .. files.Where(
                file => pack is null || !_foundRoles.Contains(file.Role))],
            line.GetValue(_root) ?? pack?.Root,
            string.Join(' ', new[] { pack?.Arguments, line.GetValue(_arguments) }
                .OfType<string>()) is { Length: > 0 } arguments ? arguments : null);
    }

    private async Task<BootPack> TakeOutAsync(
        ParseResult line,
        BootFileSource[] files,
        OpenedImage image,
        CancellationToken cancellationToken)
    {
        if (files.FirstOrDefault(file => _foundRoles.Contains(file.Role)) is { } given)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"--bootable looks for kernel and modules itself: leave out --boot {given.Role}=…, "
                + "or --bootable.");
        }

        return await ProgressBar.RunAsync(
            line.GetValue(SharedOptions.Quiet),
            "Reading the root",
            total: 0,
            progress => BootPacker.TakeAsync(
                image.Disk,
                new BootPackOptions
                {
                    RawPath = image.Format == DiskFormat.Raw ? image.Path : null,
                    Root = line.GetValue(_root),
                    Release = line.GetValue(_release),
                    Progress = progress,
                },
                cancellationToken));
    }

    private static async Task<BootPack?> TakeTreeAsync(
        BootFileSource[] files, CancellationToken cancellationToken)
    {
        if (files.FirstOrDefault(file => file.Role == TreeRole) is not { } tree)
        {
            return null;
        }

        BootFileSource kernel = files.FirstOrDefault(file => file.Role == KernelRole)
            ?? throw new ToolException(
                ExitCode.Usage,
                $"--boot {TreeRole}=… needs its kernel beside it: --boot {KernelRole}=FILE.");
        return await BootPacker.TakeAsync(kernel.Path, tree.Path, cancellationToken);
    }
}
