namespace VMSeed.Guest.Interop;

/// <summary>How a machine ends: the commands of reboot(2).</summary>
internal enum MachineEnd
{
    Reboot = 0x01234567,
    Halt = unchecked((int)0xCDEF0123),
    PowerOff = 0x4321FEDC,
    OtherKernel = 0x45584543,
}
