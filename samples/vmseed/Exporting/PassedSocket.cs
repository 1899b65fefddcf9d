using System.Globalization;
using System.Net.Sockets;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Exporting;

// A service manager that listens in place of its service passes the socket as descriptor 3 and says
// so in the environment: LISTEN_FDS is how many there are, LISTEN_PID whom they are for, so that a
// child which inherits the variables does not take them for its own (sd_listen_fds(3)).

/// <summary>The listening socket that systemd has passed to this process.</summary>
internal static class PassedSocket
{
    private const string CountVariable = "LISTEN_FDS";
    private const string ProcessVariable = "LISTEN_PID";
    private const int FirstDescriptor = 3; // SD_LISTEN_FDS_START

    /// <summary>Takes the socket.</summary>
    /// <returns>Null when none was passed.</returns>
    /// <exception cref="ToolException">What was passed cannot be listened at.</exception>
    public static Socket? Take()
    {
        if (Number(ProcessVariable) != Environment.ProcessId || Number(CountVariable) < 1)
        {
            return null;
        }

        if (Number(CountVariable) > 1)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"{Number(CountVariable)} sockets were passed (LISTEN_FDS); one is served.");
        }

        Environment.SetEnvironmentVariable(CountVariable, null);
        Environment.SetEnvironmentVariable(ProcessVariable, null);
        try
        {
            return new Socket(new SafeSocketHandle(FirstDescriptor, ownsHandle: true));
        }
        catch (SocketException fault)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"Descriptor {FirstDescriptor} was passed, and is no socket: {fault.Message}.",
                fault);
        }
    }

    private static int Number(string variable) => int.TryParse(
        Environment.GetEnvironmentVariable(variable),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out int number)
        ? number : 0;
}
