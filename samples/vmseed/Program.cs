using System.CommandLine;
using System.Runtime.InteropServices;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

using CancellationTokenSource stop = new();
int signals = 0;
int interrupted = ExitCode.Interrupted;

// The first signal asks every verb to finish cleanly; the second takes its usual course.
void OnSignal(PosixSignalContext context)
{
    if (Interlocked.Increment(ref signals) == 1)
    {
        context.Cancel = true;
        interrupted = context.Signal == PosixSignal.SIGTERM
            ? ExitCode.Terminated
            : ExitCode.Interrupted;
        stop.Cancel();
    }
}

using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);

ParseResult line = Commands.CreateRoot().Parse(args);
if (line.Errors.Count > 0)
{
    ErrorReport.WriteUsage(line);
    return ExitCode.Usage;
}

InvocationConfiguration invocation = new()
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = null,
};
try
{
    return await line.InvokeAsync(invocation, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    ErrorReport.WriteLine("interrupted.");
    return interrupted;
}
catch (Exception failure)
{
    return ErrorReport.Write(failure, line.GetValue(SharedOptions.Verbose));
}
