using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks.Devices;
using VMSeed.Fuse;

// vmseed-fuse-mounter FILE MOUNTPOINT [helper]: mounts, prints "mounted", ends with SIGINT, SIGTERM
// or umount.
await using FileBlockDevice device = FileBlockDevice.Open(args[0]);
FuseMountOptions options = new() { ForceHelperProgram = args.Length > 2 };
await using FuseMount mount = await FuseMount.MountAsync(
    args[1], [new BlockDeviceFile("disk.raw", device)], options, NullLogger.Instance);
TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
Console.WriteLine("mounted");
await Task.WhenAny(stop.Task, mount.Completion);
