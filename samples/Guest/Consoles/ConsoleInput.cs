using System.Text;
using Microsoft.Win32.SafeHandles;
using VMSeed.Guest.Interop;

namespace VMSeed.Guest.Consoles;

/// <summary>Listens to every console at once.</summary>
internal static class ConsoleInput
{
    private const int LongestLine = 256;

    /// <summary>Reads what somebody types next.</summary>
    /// <param name="patience">How long to wait for it.</param>
    /// <returns>The console that it was typed at, and the text; null when nobody did.</returns>
    public static (string Device, string Text)? Read(TimeSpan patience)
    {
        IReadOnlyList<string> devices = GuestConsole.Devices;
        SafeFileHandle[] terminals = [.. devices.Select(TerminalCalls.OpenToRead)];
        try
        {
            int index = TerminalCalls.WaitForInput(terminals, patience);
            if (index < 0) { return null; }

            byte[] line = new byte[LongestLine];
            int length = TerminalCalls.Read(terminals[index], line);
            return (devices[index], Encoding.UTF8.GetString(line, 0, length).Trim());
        }
        finally
        {
            foreach (SafeFileHandle terminal in terminals) { terminal.Dispose(); }
        }
    }
}
