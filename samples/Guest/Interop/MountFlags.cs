namespace VMSeed.Guest.Interop;

/// <summary>The flags of mount(2).</summary>
[Flags]
internal enum MountFlags : ulong
{
    None = 0,
    ReadOnly = 1,
    NoSuid = 2,
    NoDevices = 4,
    NoExecution = 8,
    Remount = 32,
    NoAccessTimes = 1024,
    Bind = 4096,
    Move = 8192,
}
