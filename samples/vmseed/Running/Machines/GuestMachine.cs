namespace VMSeed.Tool.Running.Machines;

/// <summary>The virtual machine that an image is run in.</summary>
internal sealed record GuestMachine
{
    /// <summary>Bytes of memory; whole mebibytes.</summary>
    public required long Memory { get; init; }

    /// <summary>How many processors the guest sees.</summary>
    public required int Cpus { get; init; }

    /// <summary>How the disk is attached.</summary>
    public required DiskBus Bus { get; init; }

    /// <summary>As QEMU's -display takes it.</summary>
    public required string Display { get; init; }

    public required IReadOnlyList<PortForward> Forwards { get; init; }

    /// <summary>What the user says to QEMU himself.</summary>
    public required IReadOnlyList<string> Extra { get; init; }

    /// <summary>Without a display the serial port is the terminal that the tool was started
    /// in.</summary>
    public bool HasConsole => Display == "none";
}
