using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using VMSeed.Testing.Peers;

namespace VMSeed.Testing.Guests;

/// <summary>A folder that is laid out as a guest's root: kernels, and modules with what depmod
/// writes of them.</summary>
/// <remarks>Bytes are noise, names and syntax are real. Nothing of it could be started.</remarks>
public sealed class GuestTree
{
    private const int KernelLength = 200_000;

    private static readonly string[] _modules =
    [
        "kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio_ring.ko "
            + "kernel/drivers/virtio/virtio.ko",
        "kernel/drivers/virtio/virtio_ring.ko: kernel/drivers/virtio/virtio.ko",
        "kernel/drivers/virtio/virtio.ko:",
        "kernel/drivers/block/xen-blkfront.ko:",
        "kernel/fs/ext4/ext4.ko: kernel/fs/jbd2/jbd2.ko",
        "kernel/fs/jbd2/jbd2.ko:",
        "kernel/crypto/crc32c_generic.ko:",
        "kernel/arch/x86/crypto/crc32c-intel.ko:",
        "kernel/sound/soundcore.ko:",
    ];

    private readonly string _root;

    /// <summary>Makes an empty root in a folder, or goes on with the one that is there.</summary>
    public GuestTree(string root)
    {
        _root = root;
        foreach (string folder in (string[])["etc", "boot", "usr/lib/modules", "dev"])
        {
            Directory.CreateDirectory(Path.Join(root, folder));
        }

        // As on every system of today; nothing behind it is to be looked for on this machine.
        if (new FileInfo(Path.Join(root, "lib")).LinkTarget is null)
        {
            File.CreateSymbolicLink(Path.Join(root, "lib"), "usr/lib");
        }
    }

    /// <summary>The modules that a seed takes of each kernel, by their files.</summary>
    public static IReadOnlyList<string> Taken { get; } =
    [
        .. _modules.Select(line => line.Split(':')[0])
            .Where(file => !file.Contains("sound", StringComparison.Ordinal)),
    ];

    /// <summary>Where the root is.</summary>
    public string Root => _root;

    /// <summary>The folder of a kernel's modules.</summary>
    public string ModulesOf(string release) => Path.Join(_root, "usr/lib/modules", release);

    /// <summary>The kernel's file.</summary>
    public string KernelOf(string release) => Path.Join(_root, "boot", $"vmlinuz-{release}");

    /// <summary>What a module's file holds once it is unpacked.</summary>
    public static byte[] ContentOf(string release, string file) =>
        Pattern.Text(9000 + file.Length, SeedOf(release + file));

    /// <summary>Adds a kernel and its modules.</summary>
    /// <param name="release">What uname says in it.</param>
    /// <param name="ending">What modules are packed with: nothing, <c>.xz</c>, <c>.zst</c> or
    /// <c>.gz</c>.</param>
    public async Task AddKernelAsync(string release, string ending = "")
    {
        await File.WriteAllBytesAsync(KernelOf(release), Kernel(release));
        string folder = ModulesOf(release);
        foreach (string file in _modules.Select(line => line.Split(':')[0]))
        {
            string path = Path.Join(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await PackAsync(path, ContentOf(release, file), ending);
        }

        File.CreateSymbolicLink(Path.Join(folder, "build"), $"/usr/src/linux-headers-{release}");
        await File.WriteAllTextAsync(
            Path.Join(folder, "modules.dep"),
            string.Join('\n', _modules).Replace(".ko", ".ko" + ending, StringComparison.Ordinal)
                + "\n");
        await File.WriteAllTextAsync(Path.Join(folder, "modules.alias"), """
            # Aliases extracted from modules themselves.
            alias pci:v00001AF4d00001001sv*sd*bc*sc*i* virtio_blk
            alias crypto-crc32c crc32c_generic
            alias crypto-crc32c crc32c_intel
            alias char-major-14-* soundcore

            """);
        await File.WriteAllTextAsync(Path.Join(folder, "modules.softdep"), """
            # Soft dependencies extracted from modules themselves.
            softdep jbd2 pre: crypto-crc32c
            softdep soundcore post: snd

            """);
        await File.WriteAllTextAsync(
            Path.Join(folder, "modules.builtin"), "kernel/net/packet/af_packet.ko\n");
    }

    /// <summary>The bytes of a kernel that says to be of a release.</summary>
    public static byte[] Kernel(string release)
    {
        byte[] kernel = Pattern.Random(KernelLength, SeedOf(release));
        "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x20E), 0x3000);
        Encoding.ASCII.GetBytes($"{release} (builder@host) #1 SMP\0")
            .CopyTo(kernel.AsSpan(0x3200));
        return kernel;
    }

    // The same on every run, which string's own hash is not.
    private static int SeedOf(string text) => text.Aggregate(17, (sum, c) => (sum * 31) + c);

    private static async Task PackAsync(string path, byte[] content, string ending)
    {
        if (ending == ".gz")
        {
            await using GZipStream packed = new(
                File.Create(path + ending), CompressionMode.Compress);
            await packed.WriteAsync(content);
            return;
        }

        await File.WriteAllBytesAsync(path, content);
        if (ending == ".xz")
        {
            await PeerProgram.OutputAsync("xz", "--check=crc32", path);
        }
        else if (ending == ".zst")
        {
            await PeerProgram.OutputAsync("zstd", "--quiet", "--rm", path);
        }
    }
}
