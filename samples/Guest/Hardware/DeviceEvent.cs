namespace VMSeed.Guest.Hardware;

/// <summary>What the kernel says of a device: the file <c>uevent</c> in its folder, lines of
/// <c>NAME=value</c>.</summary>
internal sealed class DeviceEvent
{
    private readonly Dictionary<string, string> _values = [];

    private DeviceEvent(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) { _values[line[..equals]] = line[(equals + 1)..]; }
        }
    }

    /// <summary>The value of a name; null where there is none.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    public static DeviceEvent Parse(string text) => new(text);

    /// <summary>Reads a file; of one that is not there nothing is said.</summary>
    public static DeviceEvent Read(string file)
    {
        try
        {
            return new DeviceEvent(File.Exists(file) ? File.ReadAllText(file) : "");
        }
        catch (IOException)
        {
            return new DeviceEvent(""); // The device has gone since.
        }
    }
}
