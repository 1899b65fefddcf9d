using System.Diagnostics;

namespace VMSeed.Tool.Running.Acceleration;

/// <summary>Whether KVM runs guests here, found out by running one.</summary>
internal static class KvmProbe
{
    private const string Device = "/dev/kvm";

    // It takes 0.2 s where KVM works. A machine so busy that it takes longer than this loses speed
    // only: its guests are emulated.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>Tries it.</summary>
    /// <returns>Why guests cannot run on KVM; null where they can.</returns>
    public static async Task<string?> FindFaultAsync(
        string qemu, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Device))
        {
            return "this machine has none";
        }

        try
        {
            await using FileStream device = new(Device, FileMode.Open, FileAccess.ReadWrite);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return $"{Device} cannot be opened: is this user in the group kvm?";
        }

        using PrivateFolder folder = new();
        string disk = folder["trial"];
        await File.WriteAllBytesAsync(disk, KvmTrial.Disk(), cancellationToken);
        return await RunAsync(qemu, disk, cancellationToken);
    }

    private static async Task<string?> RunAsync(
        string qemu, string disk, CancellationToken cancellationToken)
    {
        using Process process = Process.Start(new ProcessStartInfo(qemu, Arguments(disk))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> said = process.StandardError.ReadToEndAsync(CancellationToken.None);
        using CancellationTokenSource late =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(_patience);
        await process.WaitForExitAsync(late.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return $"a trial guest of one sector had not ended after {_patience.TotalSeconds:0} s";
        }

        return process.ExitCode == KvmTrial.Passed ? null : FirstLine(await said);
    }

    private static string[] Arguments(string disk) =>
    [
        "-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "64", "-nodefaults",
        "-display", "none", "-no-reboot",
        "-device", $"isa-debug-exit,iobase={KvmTrial.Port},iosize=1",
        "-drive", $"file={disk},format=raw,if=virtio,read-only=on",
    ];

    private static string FirstLine(string said) =>
        said.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
        ?? "a trial guest did not come through";
}
