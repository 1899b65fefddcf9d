using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;

namespace VMSeed.Tool.Running.Acceleration;

/// <summary>What runs a guest here, and why.</summary>
/// <param name="UseKvm">Whether the processor does, or the emulator.</param>
/// <param name="Fault">Why KVM does not; null where it does, or was not asked.</param>
internal sealed record AcceleratorChoice(bool UseKvm, string? Fault)
{
    /// <summary>Chooses.</summary>
    /// <exception cref="ToolException">KVM was demanded, and does not work.</exception>
    public static async Task<AcceleratorChoice> MakeAsync(
        Accelerator wish, string qemu, CancellationToken cancellationToken)
    {
        if (wish == Accelerator.Tcg)
        {
            return new AcceleratorChoice(UseKvm: false, null);
        }

        string? fault = await KvmProbe.FindFaultAsync(qemu, cancellationToken);
        return fault is null || wish == Accelerator.Auto
            ? new AcceleratorChoice(fault is null, fault)
            : throw new ToolException(ExitCode.Unavailable, $"KVM does not work here: {fault}.");
    }

    public override string ToString() => (UseKvm, Fault) switch
    {
        (true, _) => "KVM",
        (_, null) => "emulation (TCG)",
        _ => $"emulation (TCG), for KVM does not work: {Fault}",
    };
}
