using VMSeed.Guest.Programs;

namespace VMSeed.Guest.Hardware;

/// <summary>Loads the drivers of what the machine has.</summary>
internal sealed class Drivers
{
    private const string Devices = "/sys/devices";

    // A bus behind a bus behind a bus: a storage controller's disks are at the third.
    private const int MostRounds = 8;

    // How many names one call of modprobe gets: the kernel takes 128 KiB of arguments.
    private const int NamesPerCall = 200;

    private readonly HashSet<string> _asked = [];

    /// <summary>Loads the drivers of all devices that are there, and of those that appear by
    /// that.</summary>
    public void LoadAll()
    {
        for (int round = 0; round < MostRounds && LoadNew(); round++)
        {
        }
    }

    /// <summary>Loads a module and what it depends on, unless it is there already.</summary>
    /// <returns>False where there is none of that name, or it does not want to be loaded.</returns>
    public static bool TryLoad(string module, params string[] parameters) =>
        Busybox.Run(["modprobe", "-q", module, .. parameters]).ExitCode == 0;

    /// <summary>Names the driver that serves a device.</summary>
    /// <param name="device">A folder of /sys that has a link to its device.</param>
    /// <returns>Null where it has none.</returns>
    public static string? DriverOf(string device) =>
        new FileInfo(Path.Join(device, "device", "driver")).LinkTarget is { } driver
            ? Path.GetFileName(driver) : null;

    private bool LoadNew()
    {
        List<string> names = [];
        foreach (string name in FindAliases(Devices))
        {
            if (_asked.Add(name)) { names.Add(name); }
        }

        foreach (string[] some in names.Chunk(NamesPerCall))
        {
            // What no module answers to is passed over.
            _ = Busybox.Run(["modprobe", "-a", "-q", "-b", .. some]);
        }

        return names.Count > 0;
    }

    private static IEnumerable<string> FindAliases(string folder)
    {
        EnumerationOptions everywhere = new()
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true,
        };
        foreach (string file in Directory.EnumerateFiles(folder, "modalias", everywhere))
        {
            string? name = TryRead(file);
            if (!string.IsNullOrEmpty(name)) { yield return name; }
        }
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return null; // It has gone since the folder was listed.
        }
    }
}
