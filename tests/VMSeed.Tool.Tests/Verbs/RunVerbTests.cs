using VMSeed.Testing;
using VMSeed.Testing.Peers;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Running.Acceleration;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Verbs;

/// <summary>What <c>vmseed run</c> makes of its command line; guests themselves are tested in
/// Guests/.</summary>
public sealed class RunVerbTests
{
    [Fact]
    public async Task A_dry_run_prints_a_line_that_a_shell_takes()
    {
        Need.Tool("qemu-system-x86_64");
        string line = (await Vmseed.RunAsync(
            "run", "http://127.0.0.1:9/images/a.vmseed", "--dry-run", "--accel", "tcg",
            "--memory", "512M", "--cpus", "3", "--forward", "2222:22", "--forward", "8080:80",
            "--", "-name", "it's one")).MustExit(0).Text;
        string[] words = (await PeerProgram.OutputAsync(
            "bash", "-c", $"printf '%s\\n' {line}")).TrimEnd().Split('\n');
        Assert.EndsWith("qemu-system-x86_64", words[0], StringComparison.Ordinal);
        Assert.Equal("tcg,thread=multi", words[Array.IndexOf(words, "-accel") + 1]);
        Assert.Equal("512M", words[Array.IndexOf(words, "-m") + 1]);
        Assert.Equal("3", words[Array.IndexOf(words, "-smp") + 1]);
        Assert.Equal(
            "user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:2222-:22,"
                + "hostfwd=tcp:127.0.0.1:8080-:80",
            words[Array.IndexOf(words, "-nic") + 1]);
        Assert.Equal(["-name", "it's one"], words[^2..]);
    }

    [Fact]
    public async Task A_missing_QEMU_is_named_with_its_package() =>
        (await Vmseed.RunAsync("run", "disk.raw", "--qemu", "qemu-system-none"))
            .MustFail(ExitCode.Missing, "qemu-system-x86");

    [Theory]
    [InlineData("'22' for --forward", "--forward", "22")]
    [InlineData("'0:22' for --forward", "--forward", "0:22")]
    [InlineData("exclude each other", "--no-keep", "--overlay", "x")]
    [InlineData("whole mebibytes", "--memory", "1000")]
    [InlineData("between 1 and 255", "--cpus", "0")]
    public async Task What_makes_no_sense_is_refused(string saying, params string[] arguments)
    {
        Outcome outcome = await Vmseed.RunAsync(["run", "disk.raw", .. arguments]);
        outcome.MustExit(ExitCode.Usage);
        Assert.Contains(saying, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trial_of_KVM_comes_through_where_a_processor_is_right()
    {
        // The emulator is one that is.
        using TempFolder folder = new();
        string disk = folder.Write("trial", KvmTrial.Disk());
        PeerResult result = await PeerProgram.RunAsync(
            "qemu-system-x86_64",
            "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "64", "-nodefaults",
            "-display", "none", "-no-reboot",
            "-device", $"isa-debug-exit,iobase={KvmTrial.Port},iosize=1",
            "-drive", $"file={disk},format=raw,if=virtio");
        Assert.Equal(KvmTrial.Passed, result.ExitCode);
    }

    [Fact]
    public async Task KVM_that_is_demanded_and_does_not_work_is_refused()
    {
        string qemu = Need.Tool("qemu-system-x86_64");
        Assert.SkipWhen(
            await KvmProbe.FindFaultAsync(qemu, TestContext.Current.CancellationToken) is null,
            "KVM works here.");
        (await Vmseed.RunAsync("run", "disk.raw", "--accel", "kvm", "--dry-run"))
            .MustFail(ExitCode.Unavailable, "KVM does not work here");
    }
}
