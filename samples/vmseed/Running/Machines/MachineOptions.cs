using System.CommandLine;
using System.CommandLine.Parsing;
using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Running.Machines;

/// <summary>What a virtual machine is asked for.</summary>
internal sealed class MachineOptions
{
    // What a server of today starts in with room to work; desktops need to be given more.
    private const long DefaultMemory = 1L << 30;

    // QEMU's q35 takes no more without further devices.
    private const int MaxCpus = 255;

    private readonly Option<long?> _memory = Quantities.Size(
        "--memory", "The guest's memory, in whole mebibytes. [default: 1G]");

    private readonly Option<int?> _cpus = new("--cpus")
    {
        Description = "The guest's processors. [default: as many as this machine has]",
        HelpName = "COUNT",
    };

    private readonly Option<string> _display = new("--display")
    {
        Description = "As QEMU's -display: gtk, sdl, vnc=:1, …; with none, this terminal is the "
            + "guest's serial port.",
        HelpName = "KIND",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<PortForward[]> _forwards = new("--forward")
    {
        Description = "Let a port of this machine, on the loopback address, lead to one of the "
            + "guest's. Repeatable.",
        HelpName = "HOSTPORT:GUESTPORT",
        CustomParser = ParseForwards,
    };

    private readonly Option<DiskBus> _bus = new("--bus")
    {
        Description = "How the disk is attached: virtio, or sata for systems without its driver.",
    };

    private readonly Argument<string[]> _extra = new("qemu-arguments")
    {
        Description = "Behind --: what is handed to QEMU as it stands.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public void AddTo(Command command)
    {
        command.Add(_memory);
        command.Add(_cpus);
        command.Add(_display);
        command.Add(_forwards);
        command.Add(_bus);
        command.Add(_extra);
        command.Validators.Add(Check);
    }

    public GuestMachine Of(ParseResult line) => new()
    {
        Memory = line.GetValue(_memory) ?? DefaultMemory,
        Cpus = line.GetValue(_cpus) ?? Math.Min(Environment.ProcessorCount, MaxCpus),
        Bus = line.GetValue(_bus),
        Display = line.GetRequiredValue(_display),
        Forwards = line.GetValue(_forwards) ?? [],
        Extra = line.GetValue(_extra) ?? [],
    };

    private void Check(CommandResult result)
    {
        if (result.GetValue(_memory) is { } memory
            && (memory < 1 << 20 || memory % (1 << 20) != 0))
        {
            result.AddError($"{memory} bytes for --memory are not whole mebibytes.");
        }

        if (result.GetValue(_cpus) is < 1 or > MaxCpus)
        {
            result.AddError(
                $"{result.GetValue(_cpus)} for --cpus is not between 1 and {MaxCpus}.");
        }
    }

    private static PortForward[] ParseForwards(ArgumentResult result)
    {
        List<PortForward> forwards = [];
        foreach (string text in result.Tokens.Select(token => token.Value))
        {
            if (PortForward.Parse(text) is not { } forward)
            {
                result.AddError($"'{text}' for --forward is not {PortForward.Expected}.");
                return [];
            }

            forwards.Add(forward);
        }

        return [.. forwards];
    }
}
