using System.Diagnostics;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Programs;

namespace VMSeed.Guest.Booting;

/// <summary>Asks whoever is at a console what is to be done after a failure.</summary>
internal sealed class Rescue(GuestConsole console)
{
    // A machine that nobody looks at gets over what passes by itself: a network, a disk that is
    // slow to come.
    private static readonly TimeSpan s_untilRetry = TimeSpan.FromMinutes(2);

    /// <summary>Tells of a failure; returns when another attempt is wanted.</summary>
    public void Ask(Exception fault)
    {
        console.Say($"FAILED: {fault.Message}");
        for (; ; )
        {
            console.Write($"vmseed: [r]etry, [s]hell, [p]ower off? "
                + $"(retries by itself in {s_untilRetry.TotalSeconds:0} s) ");
            (string Device, string Text)? answer = ConsoleInput.Read(s_untilRetry);
            console.Write("\r\n");
            switch (answer?.Text.ToUpperInvariant())
            {
                case null or "R":
                    return;
                case "S":
                    RunShell(answer.Value.Device);
                    break;
                case "P":
                    MachineCalls.Synchronize();
                    MachineCalls.End(MachineEnd.PowerOff);
                    break;
                default:
                    break;
            }
        }
    }

    private static void RunShell(string device)
    {
        // A shell with job control wants a session and a terminal of its own.
        string command = $"exec <{device} >{device} 2>&1; exec {Busybox.Path} sh -i";
        using Process shell = Process.Start(
            new ProcessStartInfo(Busybox.Path, ["setsid", Busybox.Path, "sh", "-c", command]))!;
        shell.WaitForExit();
    }
}
