using VMSeed.Guest.Booting.Changes;
using VMSeed.Guest.Booting.Daemons;
using VMSeed.Guest.Booting.Kernels;
using VMSeed.Guest.Booting.Roots;
using VMSeed.Guest.Consoles;
using VMSeed.Guest.Hardware;
using VMSeed.Guest.Interop;
using VMSeed.Guest.Networks;
using VMSeed.Guest.Settings;
using VMSeed.Guest.Storage;

namespace VMSeed.Guest.Booting;

/// <summary>One way from a kernel that has just started to the image's own init, or to a failure,
/// after which all is as before.</summary>
internal sealed class BootAttempt(
    GuestConsole console, TimeProvider time, IReadOnlyList<string> arguments) : IAsyncDisposable
{
    private const string CommandLine = "/proc/cmdline";

    private readonly Stack<Func<ValueTask>> _undo = new();

    /// <summary>Boots; returns only by an exception.</summary>
    public async Task RunAsync()
    {
        string line = await File.ReadAllTextAsync(CommandLine);
        BootWords words = BootWords.Parse(line);
        SeedFile seed = SeedFile.Parse(await File.ReadAllBytesAsync(SeedFile.Path));
        SeedImage image = seed.Find(words.Image);
        console.Say($"seed of {image.Name}{Describe(words.Mode)}");
        SystemClock.Advance(seed.Created, time, console);
        SeedDisk disk = await new SeedSearch(console, time).FindAsync(words.Disk ?? seed.Disk);
        LoadOwnDrivers();
        ImageChanges? changes = OpenChanges(disk, words.Mode, image.Name);
        bool isOnline = await new NetworkSetup(console, time).RunAsync(words);
        StorageProcess storage = StorageProcess.Start(new StorageOptions
        {
            Image = image.Name,
            State = StateFolder.Prepare(changes),
            Cache = words.Mode == BootMode.Memory ? null : disk.Cache,
            Head = VersionChoice.FindPinned(changes, words.Mode, console),
            Proxy = words.Proxy ?? seed.Proxy,
            IsOffline = !isOnline,
        });
        _undo.Push(storage.EndAsync);
        StorageStatus status = await storage.WaitUntilReadyAsync(time);
        console.Say($"disk {status.Image} version {status.Version}, "
            + $"{status.Length >> 20} MiB on /dev/nbd0");
        StateFolder.Keep(changes);
        if (words.Mode == BootMode.Prefetch) { await PrefetchAsync(); }

        if (OtherKernel.IsNeeded(image, status) && words.KernelOf != status.Version)
        {
            await new OtherKernel(console).LoadAsync(seed, image, status, disk.Boot, line);
            await GoOnWithOtherKernelAsync();
        }

        string lower = await new ImageRoot(_undo).MountAsync(status, time);
        changes?.Base(StateFolder.Head);
        (string root, string upper) = new OverlayRoot(_undo).Mount(lower, changes);
        new FirstBoot(console, root, upper).Prepare(image.Name);
        console.Say("starting the system");
        new RootSwitch(root).Enter(words.Init, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        while (_undo.TryPop(out Func<ValueTask>? step))
        {
            try
            {
                await step();
            }
            catch (Exception fault)
            {
                // What has failed first is what the user is to hear of; the rest is undone all the
                // same.
                console.Say($"while giving up: {fault.Message}");
            }
        }
    }

    private static string Describe(BootMode mode) => mode switch
    {
        BootMode.Clean => ", without the changes",
        BootMode.Reset => ", whose changes are deleted",
        BootMode.Prefetch => ", all of which is fetched now",
        BootMode.Memory => ", in memory only",
        BootMode.Update => ", updated",
        _ => "",
    };

    private static void LoadOwnDrivers()
    {
        _ = Drivers.TryLoad("nbd", "max_part=16", "nbds_max=1");
        _ = Drivers.TryLoad("overlay");
        _ = Drivers.TryLoad("ext4");
    }

    private async Task GoOnWithOtherKernelAsync()
    {
        console.Say("going on with that kernel");
        await DisposeAsync();
        MachineCalls.Synchronize();
        MachineCalls.End(MachineEnd.OtherKernel);
        throw new IOException("The other kernel was not started.");
    }

    private ImageChanges? OpenChanges(SeedDisk disk, BootMode mode, string image)
    {
        if (mode is BootMode.Clean or BootMode.Memory) { return null; }

        ChangesPartition partition = new(disk.Changes, console);
        partition.Mount();
        _undo.Push(partition.UnmountAsync);
        ImageChanges changes = new(image);
        if (mode == BootMode.Reset) { changes.Delete(); }

        changes.DeleteRest();

        return changes;
    }

    private async Task PrefetchAsync()
    {
        string shown = "";
        await foreach (string line in ControlClient.AskAsync(ControlServer.Prefetch))
        {
            if (line.StartsWith(ControlServer.Failed, StringComparison.Ordinal))
            {
                throw new IOException(line);
            }

            string text = line == ControlServer.Done ? shown : PrefetchLine.Describe(line);
            if (text != shown) { console.Say(shown = text); }
        }
    }
}
