using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.Nbd.Tests;

/// <summary>Scripts in Python over libnbd, the NBD project's own client.</summary>
internal static class Nbdsh
{
    /// <summary>Runs a script in which <c>h</c> is a fresh handle and <c>uri</c> the
    /// export's.</summary>
    public static async Task RunAsync(string uri, string script)
    {
        // The module is that of the system's own Python; another one may come first on the path.
        // What fails is an exception of Python, and its trace the test's message.
        _ = await PeerProgram.OutputAsync(
            "env",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            Need.Tool("nbdsh"),
            "-c",
            $"uri = '{uri}'",
            "-c",
            script);
    }
}
