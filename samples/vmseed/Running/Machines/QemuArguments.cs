using System.Globalization;

namespace VMSeed.Tool.Running.Machines;

/// <summary>The command line of QEMU for a machine.</summary>
/// <remarks>
/// <para>Nothing of it is QEMU's own default (-nodefaults), which change with its versions, but
/// what the user adds at the end.</para>
/// <para>A read or write that fails pauses the guest (rerror, werror) in place of failing in it: a
/// network that comes back then costs time, and no file system.</para>
/// </remarks>
internal static class QemuArguments
{
    /// <summary>Makes it.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="useKvm">Whether KVM runs it; else it is emulated, with a thread for each
    /// processor.</param>
    /// <param name="disk">The socket where its disk is served.</param>
    /// <param name="monitor">The socket where its monitor is listened for.</param>
    public static IReadOnlyList<string> Of(
        GuestMachine machine, bool useKvm, string disk, string monitor)
    {
        List<string> all =
        [
            "-nodefaults",
            "-machine", "q35",
            .. useKvm
                ? (string[])["-accel", "kvm", "-cpu", "host"]
                : ["-accel", "tcg,thread=multi", "-cpu", "max"],
            "-smp", machine.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", string.Create(CultureInfo.InvariantCulture, $"{machine.Memory >> 20}M"),
            "-blockdev", "driver=nbd,node-name=disk,server.type=unix,"
                + $"server.path={Escape(disk)},discard=unmap,detect-zeroes=unmap",
            "-device", Device(machine.Bus) + ",drive=disk,bootindex=0,rerror=stop,werror=stop",
            "-nic", Network(machine.Forwards),
            "-device", "virtio-rng-pci",
            "-chardev", $"socket,id=monitor,path={Escape(monitor)}",
            "-mon", "chardev=monitor,mode=control",
            .. Screen(machine),
            .. machine.Extra,
        ];
        return all;
    }

    /// <summary>A list of arguments as a shell takes it.</summary>
    public static string Quote(IEnumerable<string> arguments) =>
        string.Join(' ', arguments.Select(Quote));

    private static string Device(DiskBus bus) => bus switch
    {
        DiskBus.Sata => "ide-hd",
        _ => "virtio-blk-pci",
    };

    private static string Network(IEnumerable<PortForward> forwards) => string.Join(
        ',',
        [
            "user",
            "model=virtio-net-pci",
            .. forwards.Select(forward => string.Create(
                CultureInfo.InvariantCulture,
                $"hostfwd=tcp:127.0.0.1:{forward.HostPort}-:{forward.GuestPort}")),
        ]);

    // A graphics card is there in any case: boot menus are drawn on it, and a VNC display can be
    // asked for by the user's own arguments. Ctrl-C stays the tool's (signal=on).
    private static IEnumerable<string> Screen(GuestMachine machine) =>
    [
        "-device", "VGA",
        "-display", machine.Display,
        .. machine.HasConsole
            ? (string[])
            [
                "-chardev", "stdio,id=console,signal=on",
                "-serial", "chardev:console",
            ]
            : ["-device", "qemu-xhci", "-device", "usb-tablet"],
    ];

    // A comma begins QEMU's next property; doubled, it is one.
    private static string Escape(string path) =>
        path.Replace(",", ",,", StringComparison.Ordinal);

    private static string Quote(string argument)
    {
        bool isPlain = argument.Length > 0 && argument.All(
            character => char.IsAsciiLetterOrDigit(character) || "-_=.,:/+@%".Contains(character));
        return isPlain ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
