using VMSeed.ImageBuilder.Archives;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.GuestFiles;

/// <summary>The first root file system of a seed, the same for every image: the guest client, and
/// what it calls (docs/SEED-DISK.md, section 2).</summary>
internal static class GuestArchive
{
    private const string Certificates = "etc/ssl/certs/ca-certificates.crt";
    private const string ClientName = "vmseed-guest";
    private const string ClientPath = $"bin/{ClientName}";

    private static readonly ExternalTool _busybox = new("busybox", "busybox");

    private static readonly ExternalTool[] _programs =
    [
        new("mke2fs", "e2fsprogs"),
        new("e2fsck", "e2fsprogs"),
    ];

    // The framework loads these by name, and only when it is asked for a digest or for HTTPS.
    private static readonly string[] _onDemand = ["libssl.so.3", "libcrypto.so.3"];

    /// <summary>Makes the archive.</summary>
    /// <param name="client">The client's program; libraries beside it come with it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CpioArchive> MakeAsync(
        string client, CancellationToken cancellationToken)
    {
        if (!File.Exists(client))
        {
            throw new ImageBuilderException(
                ImageBuilderFault.MissingInput,
                $"The guest client {client} is not there. 'dotnet publish samples/Guest' makes it, "
                + "and --client FILE says where it is.");
        }

        CpioArchive archive = new();
        GuestPrograms programs = new(archive);
        foreach (string library in Directory
            .EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(client))!, "*.so")
            .Order(StringComparer.Ordinal))
        {
            programs.AddBeside(library, $"bin/{Path.GetFileName(library)}");
        }

        programs.Add(client, ClientPath);
        archive.AddLink("init", ClientPath);
        foreach (string library in _onDemand)
        {
            programs.AddLibrary(library, "libssl3");
        }

        foreach (ExternalTool program in _programs)
        {
            programs.Add(Require(program), $"sbin/{program.Name}");
        }

        await AddBusyboxAsync(archive, programs, cancellationToken);
        archive.AddFile(Certificates, await ReadCertificatesAsync(cancellationToken));
        foreach (string folder in (string[])["dev", "proc", "run", "sys", "tmp", "mnt"])
        {
            archive.AddFolder(folder);
        }

        return archive;
    }

    // Every applet, so that a shell in a guest that does not boot is of use.
    private static async Task AddBusyboxAsync(
        CpioArchive archive, GuestPrograms programs, CancellationToken cancellationToken)
    {
        programs.Add(Require(_busybox), "bin/busybox");
        string applets = await _busybox.RunAsync(["--list"], cancellationToken);

        // Where the kernel itself calls it.
        archive.AddLink("sbin/modprobe", "../bin/busybox");
        HashSet<string> taken = ["busybox", ClientName, .. _programs.Select(one => one.Name)];
        foreach (string applet in applets.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (taken.Add(applet))
            {
                archive.AddLink($"bin/{applet}", "busybox");
            }
        }
    }

    private static string Require(ExternalTool tool) =>
        tool.Find() ?? throw new ImageBuilderException(
            ImageBuilderFault.MissingTool,
            $"{tool.Name} is not installed. Debian and Ubuntu have it in the package "
            + $"{tool.Package}.");

    private static async Task<byte[]> ReadCertificatesAsync(CancellationToken cancellationToken)
    {
        string path = $"/{Certificates}";
        return File.Exists(path)
            ? await File.ReadAllBytesAsync(path, cancellationToken)
            : throw new ImageBuilderException(
                ImageBuilderFault.MissingInput,
                $"{path} is not there: it says whom HTTPS trusts. Debian and Ubuntu have it in "
                + "the package ca-certificates.");
    }
}
