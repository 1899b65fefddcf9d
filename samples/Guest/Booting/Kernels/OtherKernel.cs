using Microsoft.Win32.SafeHandles;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Hardware;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Settings;
using VMSeed.Guest.Storage;

namespace VMSeed.Guest.Booting.Kernels;

// The seed holds the kernel of the version that it was made from. A newer version has modules for
// its own kernel alone, so its kernel is fetched, as a boot file that its signed head vouches for,
// and gone on with: kernel, the client as it lies on the boot partition, a seed.json that says
// which kernel runs now, and that kernel's modules.

/// <summary>Goes on with the kernel of the version that boots, where the seed has
/// another.</summary>
internal sealed class OtherKernel(GuestConsole console)
{
    private const string Folder = "/run/vmseed/kernel";
    private const string BootPartition = "/run/initramfs/boot";
    private const string Word = "vmseed.kernel-of=";

    /// <summary>Whether the version that boots has another kernel than the one that runs.</summary>
    public static bool IsNeeded(SeedImage image, StorageStatus status) =>
        status.Kernel is { } kernel && image.Kernel is { } own
        && !kernel.Equals(own, StringComparison.OrdinalIgnoreCase);

    /// <summary>The command line that the kernel goes on with.</summary>
    public static string WordsFor(string commandLine, long version) => string.Join(
        ' ',
        commandLine.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(word => !word.StartsWith(Word, StringComparison.Ordinal))
            .Append($"{Word}{version}"));

    /// <summary>Fetches the kernel and loads it beside the one that runs.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="image">The image that boots.</param>
    /// <param name="status">Its version.</param>
    /// <param name="bootPartition">The device with the client's archive.</param>
    /// <param name="commandLine">What the kernel that runs was told.</param>
    public async Task LoadAsync(
        SeedFile seed,
        SeedImage image,
        StorageStatus status,
        string bootPartition,
        string commandLine)
    {
        console.Say($"version {status.Version} has a kernel of its own, which is fetched");
        Directory.CreateDirectory(Folder);
        await foreach (string line in ControlClient.AskAsync(ControlServer.BootFiles + Folder))
        {
            if (line.StartsWith(ControlServer.Failed, StringComparison.Ordinal))
            {
                throw new IOException(line);
            }
        }

        SeedImage next = image with
        {
            Version = status.Version,
            Kernel = status.Kernel,
            Modules = status.Modules,
        };
        string initramfs = Path.Join(Folder, "initramfs");
        Write(initramfs, bootPartition, seed.With(next).ToJson());
        using SafeFileHandle kernel = File.OpenHandle(Path.Join(Folder, AttachedImage.KernelRole));
        using SafeFileHandle archive = File.OpenHandle(initramfs);
        MachineCalls.LoadKernel(kernel, archive, WordsFor(commandLine, status.Version));
        Directory.Delete(Folder, recursive: true);
    }

    private static void Write(string initramfs, string bootPartition, byte[] seed)
    {
        _ = Drivers.TryLoad("vfat");
        _ = Drivers.TryLoad("nls_cp437");
        _ = Drivers.TryLoad("nls_ascii");
        _ = Drivers.TryLoad("nls_iso8859-1");
        Mounts.Mount(bootPartition, BootPartition, "vfat", MountFlags.ReadOnly);
        try
        {
            using FileStream output = File.Create(initramfs);
            Append(output, Path.Join(BootPartition, "vmseed", "client.img"));
            Append(output, Path.Join(BootPartition, "vmseed", "config.img"));
            OneFileArchive.Write(output, SeedFile.Path, seed);
            Append(output, Path.Join(Folder, AttachedImage.ModulesRole));
        }
        finally
        {
            _ = Mounts.TryUnmount(BootPartition);
        }
    }

    private static void Append(FileStream output, string file)
    {
        OneFileArchive.Align(output);
        using FileStream input = File.OpenRead(file);
        input.CopyTo(output);
        OneFileArchive.Align(output);
    }
}
