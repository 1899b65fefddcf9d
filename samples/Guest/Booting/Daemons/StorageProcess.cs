using System.Diagnostics;
using System.Net.Sockets;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Storage;

namespace VMSeed.Guest.Booting.Daemons;

/// <summary>The storage daemon, seen by process 1.</summary>
#pragma warning disable CA1001 // EndAsync disposes of it; who succeeds leaves it to run on.
internal sealed class StorageProcess
#pragma warning restore CA1001
{
    // systemd spares the processes whose argv[0] begins with this sign.
    private const string Name = "@vmseed";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;

    private StorageProcess(Process process) => _process = process;

    /// <summary>Starts the daemon.</summary>
    public static StorageProcess Start(StorageOptions options)
    {
        // On a thread of its own, which leaves the tree of mounts and becomes an I/O flusher: both
        // are a thread's, and what the thread starts inherits them.
        StorageProcess? started = null;
        Exception? fault = null;
        Thread starter = new(() =>
        {
            try
            {
                Mounts.LeaveSharedTree();
                _ = ProcessCalls.TryBecomeIoFlusher();
                started = new StorageProcess(Launch(options));
            }
            catch (Exception failure)
            {
                fault = failure;
            }
        });
        starter.Start();
        starter.Join();
        return started ?? throw new IOException(
            $"The storage daemon cannot be started: {fault?.Message}", fault);
    }

    /// <summary>Waits until the disk is attached.</summary>
    /// <exception cref="IOException">The daemon has failed, and says why.</exception>
    public async Task<StorageStatus> WaitUntilReadyAsync(TimeProvider time)
    {
        for (; ; )
        {
            StorageStatus? status = await ControlClient.FindStatusAsync();
            switch (status?.Phase)
            {
                case StoragePhase.Ready:
                    return status;
                case StoragePhase.Failed:
                    throw new IOException(status.Failure);
                default:
                    if (_process.HasExited)
                    {
                        throw new IOException(
                            $"The storage daemon has ended with exit code {_process.ExitCode}.");
                    }

                    await Task.Delay(s_pause, time);
                    break;
            }
        }
    }

    /// <summary>Ends the daemon: for another attempt.</summary>
    public async ValueTask EndAsync()
    {
        try
        {
            await foreach (string _ in ControlClient.AskAsync(ControlServer.Finish))
            {
            }
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            // It has gone by itself.
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(5))) { _process.Kill(); }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Launch(StorageOptions options)
    {
        // The runtime looks for a bare name beside our own program first, and hands it on as it is.
        string link = Path.Join(Path.GetDirectoryName(Environment.ProcessPath), Name);
        if (!File.Exists(link)) { File.CreateSymbolicLink(link, Environment.ProcessPath!); }

        ProcessStartInfo start = new(Name, options.ToArguments());
        start.Environment["SSL_CERT_FILE"] = "/etc/ssl/certs/ca-certificates.crt";
        return Process.Start(start)!;
    }
}
