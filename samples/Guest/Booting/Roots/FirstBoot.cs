using System.Security.Cryptography;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Programs;

namespace VMSeed.Guest.Booting.Roots;

/// <summary>Makes what every copy of the image would share this machine's own.</summary>
/// <param name="console">Hears what was made.</param>
/// <param name="root">The system's root.</param>
/// <param name="upper">What of it has been changed: what is there is the machine's own
/// already.</param>
internal sealed class FirstBoot(GuestConsole console, string root, string upper)
{
    private const string MachineId = "etc/machine-id";
    private const string HostName = "etc/hostname";
    private const string Hosts = "etc/hosts";
    private const string FileSystems = "etc/fstab";
    private const string NameServers = "etc/resolv.conf";
    private const string KeyFolder = "etc/ssh";
    private const string Keys = "ssh_host_*";
    private const string KeyMaker = "usr/bin/ssh-keygen";

    /// <summary>Does what has not been done at an earlier boot.</summary>
    /// <param name="image">The image's name.</param>
    public void Prepare(string image)
    {
        // An empty one: systemd makes a new one, and takes it for no first installation.
        if (IsImages(MachineId, out string id)
            && id.Trim() is { Length: > 0 } and not "uninitialized")
        {
            Write(MachineId, "");
        }

        if (IsImages(HostName, out string name)) { NameHost(image, name.Trim()); }

        if (IsImages(FileSystems, out string table)) { Write(FileSystems, FileTable.Adapt(table)); }

        string servers = Path.Join(root, NameServers);
        if (!Path.Exists(servers) && new FileInfo(servers).LinkTarget is null
            && File.Exists("/etc/resolv.conf"))
        {
            Write(NameServers, File.ReadAllText("/etc/resolv.conf"));
        }

        MakeKeys();
    }

    private bool IsImages(string path, out string content)
    {
        content = "";
        string whole = Path.Join(root, path);
        if (Path.Exists(Path.Join(upper, path)) || !File.Exists(whole)
            || new FileInfo(whole).LinkTarget is not null)
        {
            return false;
        }

        content = File.ReadAllText(whole);
        return true;
    }

    private void NameHost(string image, string old)
    {
        string name = $"{image}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}"
            .Replace('_', '-').Replace('.', '-');
        Write(HostName, name + "\n");
        string hosts = Path.Join(root, Hosts);
        if (old.Length > 0 && old != "localhost" && File.Exists(hosts))
        {
            Write(Hosts, HostTable.Rename(File.ReadAllText(hosts), old, name));
        }

        console.Say($"host name {name}");
    }

    private void MakeKeys()
    {
        string folder = Path.Join(root, KeyFolder);
        string ours = Path.Join(upper, KeyFolder);
        bool isMade = Directory.Exists(ours) && Directory.EnumerateFiles(ours, Keys).Any();
        if (isMade || !Directory.Exists(folder) || !File.Exists(Path.Join(root, KeyMaker)))
        {
            return;
        }

        string[] images = [.. Directory.EnumerateFiles(folder, Keys)];
        if (images.Length == 0) { return; }

        foreach (string key in images) { File.Delete(key); }

        ProgramResult made = Busybox.Run("chroot", root, "/" + KeyMaker, "-A");
        console.Say(made.ExitCode == 0 ? "new SSH host keys" : $"no SSH host keys: {made.Output}");
    }

    private void Write(string path, string content) =>
        File.WriteAllText(Path.Join(root, path), content);
}
