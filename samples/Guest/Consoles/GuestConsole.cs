using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using VMSeed.Guest.Interop;

namespace VMSeed.Guest.Consoles;

/// <summary>The machine's consoles: every line goes to each of them, with its time since the
/// kernel started.</summary>
/// <remarks>They are opened for each line: what runs later in the guest may hang up on whoever
/// holds one.</remarks>
internal sealed class GuestConsole
{
    private const string ListOfActive = "/sys/class/tty/console/active";

    private readonly Lock _gate = new();

    /// <summary>The devices of all consoles.</summary>
    public static IReadOnlyList<string> Devices
    {
        get
        {
            try
            {
                return [.. File.ReadAllText(ListOfActive).Split(
                    (char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                    .Select(name => $"/dev/{name}")];
            }
            catch (IOException)
            {
                return ["/dev/console"];
            }
        }
    }

    /// <summary>Tells one fact.</summary>
    public void Say(string fact) => Write(FormattableString.Invariant(
        $"vmseed: {Uptime().TotalSeconds,5:0.0} s  {fact}\r\n"));

    /// <summary>Writes as it is.</summary>
    public void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        lock (_gate)
        {
            foreach (string device in Devices)
            {
                TryWrite(device, bytes);
            }
        }
    }

    private static void TryWrite(string device, byte[] bytes)
    {
        // One that is listed and not there, as a serial port of a machine without one, is passed
        // over.
        using SafeFileHandle terminal = TerminalCalls.OpenToWrite(device);
        if (!terminal.IsInvalid) { TerminalCalls.Write(terminal, bytes); }
    }

    private static TimeSpan Uptime()
    {
        try
        {
            string text = File.ReadAllText("/proc/uptime").Split(' ')[0];
            return TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return TimeSpan.Zero;
        }
    }
}
