using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Tool.Tests.Guests;

/// <summary>Bootable disks out of Debian's archive, made once and kept under artifacts/.</summary>
/// <remarks>A disk is made by eng/guest.sh, and its file is named after the script's content: who
/// changes the recipe gets another disk. Where the archive cannot be reached, what it says is the
/// test's failure.</remarks>
internal static class GuestImages
{
    // It takes 1.5 minutes where the archive is near, and more where others want the machine too.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private static readonly SemaphoreSlim _oneMaker = new(1, 1);

    /// <summary>Where they are kept.</summary>
    public static string Folder => Path.GetFullPath(
        Path.Join(AppContext.BaseDirectory, "../../../guests"));

    /// <summary>Debian with systemd, which prints READY and then takes commands on its serial
    /// port.</summary>
    public static Task<string> DebianAsync() => DebianAsync("debian");

    /// <summary>Debian with its stock kernel and its modules, for seeds; it boots by nothing else.
    /// Root is logged in on its serial port.</summary>
    public static Task<string> FullDebianAsync() => DebianAsync("debian-full", "--full");

    /// <summary>Memtest86+: no operating system at all.</summary>
    public static Task<string> MemtestAsync() =>
        FromPackageAsync("memtest86+", "usr/lib/memtest86+/memtest86+x64.iso");

    /// <summary>GRUB's rescue disk, whose menu and modules lie on a file system that it reads
    /// itself.</summary>
    public static Task<string> GrubAsync() =>
        FromPackageAsync("grub-rescue-pc", "usr/lib/grub-rescue/grub-rescue-cdrom.iso");

    private static async Task<string> DebianAsync(string name, params string[] kind)
    {
        Need.Root();
        foreach (string tool in (string[])
            ["qemu-system-x86_64", "mmdebstrap", "syslinux", "mcopy", "sfdisk", "mke2fs"])
        {
            Need.Tool(tool);
        }

        string script = await ReadScriptAsync();
        string recipe = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        return await MakeAsync($"{name}-{recipe[..16]}.raw", async (file, folder) =>
        {
            string path = folder.Write("guest.sh", Encoding.UTF8.GetBytes(script));
            await BuildAsync([path, .. kind, file]);
        });
    }

    private static Task<string> FromPackageAsync(string package, string file)
    {
        Need.Tool("qemu-system-x86_64");
        Need.Tool("apt-get");
        return MakeAsync(Path.GetFileName(file), async (target, folder) =>
        {
            await PeerProgram.OutputAsync(
                "bash",
                "-c",
                $"cd {folder.Root} && apt-get -q download {package} && dpkg-deb -x *.deb .");
            File.Copy(folder[file], target);
        });
    }

    private static async Task<string> MakeAsync(string name, Func<string, TempFolder, Task> make)
    {
        string file = Path.Join(Folder, name);
        await _oneMaker.WaitAsync();
        try
        {
            if (!File.Exists(file))
            {
                Directory.CreateDirectory(Folder);
                using TempFolder folder = new();
                await make(file + ".partial", folder);
                File.Move(file + ".partial", file, overwrite: true);
            }

            return file;
        }
        finally
        {
            _oneMaker.Release();
        }
    }

    private static async Task BuildAsync(string[] script)
    {
        using Process process = Process.Start(new ProcessStartInfo("bash", script)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        late.CancelAfter(_patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token);
            string errors = await process.StandardError.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            Assert.True(process.ExitCode == 0, $"{await output}{errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task<string> ReadScriptAsync()
    {
        using StreamReader reader = new(
            typeof(GuestImages).Assembly.GetManifestResourceStream("guest.sh")!);
        return await reader.ReadToEndAsync();
    }
}
