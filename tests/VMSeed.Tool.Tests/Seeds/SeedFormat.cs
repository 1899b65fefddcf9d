namespace VMSeed.Tool.Tests.Seeds;

/// <summary>A format of seeds.</summary>
/// <param name="Ending">Of its files.</param>
/// <param name="Driver">What QEMU calls it.</param>
/// <param name="Unit">By how many bytes its files grow, at most.</param>
/// <param name="QemuChecks">Whether <c>qemu-img check</c> knows it.</param>
public sealed record SeedFormat(string Ending, string Driver, int Unit, bool QemuChecks)
{
    public static IReadOnlyList<SeedFormat> All { get; } =
    [
        new("raw", "raw", 4 << 10, QemuChecks: false),
        new("vmdk", "vmdk", 64 << 10, QemuChecks: true),
        new("vdi", "vdi", 1 << 20, QemuChecks: true),
        new("vhd", "vpc", 2 << 20, QemuChecks: false),
        new("vhdx", "vhdx", 2 << 20, QemuChecks: true),
        new("hdd", "parallels", 1 << 20, QemuChecks: true),
        new("qcow2", "qcow2", 64 << 10, QemuChecks: true),
    ];

    public static SeedFormat Of(string ending) => All.Single(format => format.Ending == ending);
}
