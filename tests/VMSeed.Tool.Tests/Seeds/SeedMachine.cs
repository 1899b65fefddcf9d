namespace VMSeed.Tool.Tests.Seeds;

/// <summary>What a seed is attached to.</summary>
/// <param name="IsUefi">Whether the firmware is UEFI.</param>
/// <param name="Disk">The disk's adapter.</param>
/// <param name="Network">The network's adapter.</param>
internal sealed record SeedMachine(bool IsUefi, string Disk, string Network)
{
    public static string[] Disks { get; } = ["virtio", "ahci", "ide", "lsi", "pvscsi", "nvme"];

    public static string[] Networks { get; } = ["virtio", "e1000", "vmxnet3", "pcnet", "rtl8139"];

    private const string Code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    private const string Variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

    /// <summary>QEMU's arguments.</summary>
    /// <param name="file">The seed.</param>
    /// <param name="driver">Its format.</param>
    /// <param name="scratch">A file of the test's own.</param>
    /// <param name="isCutOff">Whether the network leads nowhere.</param>
    public string[] Arguments(string file, string driver, string scratch, bool isCutOff) =>
    [
        "-accel", "tcg,thread=multi", "-smp", "2", "-m", "512", "-display", "none",
        "-serial", "stdio", "-no-reboot", "-machine", Disk == "ahci" ? "q35" : "pc",
        .. Firmware(scratch),
        "-drive", $"file={file},format={driver},if=none,id=seed",
        .. DiskAdapter(),
        "-netdev", $"user,id=net{(isCutOff ? ",restrict=on" : "")}",
        "-device", $"{NetworkAdapter()},netdev=net",
    ];

    public override string ToString() => $"{(IsUefi ? "UEFI" : "BIOS")} {Disk} {Network}";

    private string[] DiskAdapter() => Disk switch
    {
        "virtio" => ["-device", "virtio-blk-pci,drive=seed,bootindex=0"],
        "ahci" or "ide" => ["-device", "ide-hd,drive=seed,bus=ide.0,bootindex=0"],
        // Of LSI's two families each firmware knows one.
        "lsi" => Scsi(IsUefi ? "mptsas1068" : "lsi53c895a"),
        "pvscsi" => Scsi("pvscsi"),
        _ => ["-device", "nvme,drive=seed,serial=seed,bootindex=0"],
    };

    private static string[] Scsi(string adapter) =>
    [
        "-device", $"{adapter},id=scsi",
        "-device", "scsi-hd,drive=seed,bus=scsi.0,bootindex=0",
    ];

    private string NetworkAdapter() => Network == "virtio" ? "virtio-net-pci" : Network;

    private string[] Firmware(string scratch)
    {
        if (!IsUefi) { return []; }

        Assert.SkipUnless(File.Exists(Code), $"{Code} of the package ovmf is missing.");
        if (!File.Exists(scratch)) { File.Copy(Variables, scratch); }

        return
        [
            "-drive", $"if=pflash,format=raw,readonly=on,file={Code}",
            "-drive", $"if=pflash,format=raw,file={scratch}",
        ];
    }
}
