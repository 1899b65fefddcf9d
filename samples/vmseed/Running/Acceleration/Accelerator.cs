namespace VMSeed.Tool.Running.Acceleration;

/// <summary>What executes a guest's instructions.</summary>
internal enum Accelerator
{
    /// <summary>The processor where that works, else the emulator.</summary>
    Auto,

    /// <summary>The processor, by way of Linux' KVM.</summary>
    Kvm,

    /// <summary>QEMU's emulator.</summary>
    Tcg,
}
