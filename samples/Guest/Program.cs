// One program, three lives: process 1 of the initramfs, the storage daemon that it starts, and what
// systemd comes back to at shutdown. Which one is told by the name that it was started under.
using VMSeed.Guest;
using VMSeed.Guest.Booting;
using VMSeed.Guest.Closing;
using VMSeed.Guest.Storage;

string name = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
return name switch
{
    "init" => await InitLife.RunAsync(args),
    "shutdown" => await ShutdownLife.RunAsync(args.FirstOrDefault()),
    _ when name.StartsWith('@') => await StorageLife.RunAsync(args),
    _ => await StatusCommand.RunAsync(args),
};
