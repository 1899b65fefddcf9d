using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.Seeds;

/// <summary>Seeds, looked into with the programs of others.</summary>
public sealed class SeedBuilderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_seed_has_the_image_s_files_as_they_were_published()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        string path = await WriteRawAsync(workshop, await workshop.OptionsAsync());
        string volume = $"{path}@@1M";
        await PeerProgram.OutputAsync("sfdisk", "--verify", path);
        string listing = await PeerProgram.OutputAsync("mdir", "-/", "-b", "-i", volume, "::");
        Assert.Equal(
            [
                "/EFI/", "/EFI/BOOT/", "/EFI/BOOT/BOOTX64.EFI", "/grub/", "/grub/grub.cfg",
                "/grub/grubenv", "/vmseed/", "/vmseed/client.img", "/vmseed/config.img",
                "/vmseed/disk/", "/vmseed/disk/modules.img", "/vmseed/disk/vmlinuz",
            ],
            listing.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Trim().Replace("::", "", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));

        ImageHead head = (await workshop.OpenAsync()).Head;
        foreach ((string name, BootFile file) in
            new[] { "vmlinuz", "modules.img" }.Zip(head.Boot!.Files))
        {
            string copy = workshop[name];
            await PeerProgram.OutputAsync(
                "mcopy", "-n", "-i", volume, $"::/vmseed/disk/{name}", copy);
            Assert.Equal(file.Digest, Digest.Of(await File.ReadAllBytesAsync(copy, Stop)));
        }
    }

    [Fact]
    public async Task The_boot_partition_is_a_FAT32_without_fault_and_its_files_lie_in_one_piece()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        string path = await WriteRawAsync(workshop, await workshop.OptionsAsync());
        string partition = workshop["boot.fat"];
        await PeerProgram.OutputAsync(
            "dd", $"if={path}", $"of={partition}", "bs=1M", "skip=1", "count=128", "conv=sparse");
        string verdict = await PeerProgram.OutputAsync("fsck.fat", "-n", "-v", partition);
        Assert.Contains("32 bit entries", verdict, StringComparison.Ordinal);

        // One run a file: "<first-last>".
        string places = await PeerProgram.OutputAsync(
            "mshowfat", "-i", $"{path}@@1M", "::/EFI/BOOT/BOOTX64.EFI", "::/vmseed/client.img",
            "::/vmseed/disk/vmlinuz", "::/vmseed/disk/modules.img", "::/vmseed/config.img");
        Assert.Equal(5, places.Split('<').Length - 1);
    }

    [Fact]
    public async Task What_the_guest_client_finds_is_in_the_archives()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        string path = await WriteRawAsync(workshop, await workshop.OptionsAsync());
        string root = workshop["root"];
        Directory.CreateDirectory(root);
        await PeerProgram.OutputAsync("sh", "-c", $"""
            set -e; cd '{root}'
            mcopy -n -i '{path}@@1M' ::/vmseed/client.img ::/vmseed/config.img ..
            xz -dc ../client.img | cpio -id --quiet
            cpio -id --quiet < ../config.img
            """);
        SeedDescription seed = SeedDescription.Read(
            await File.ReadAllBytesAsync(Path.Join(root, "etc/vmseed/seed.json"), Stop));
        Assert.Equal(SeedWorkshop.DiskId, seed.Disk);
        Assert.Equal(SeedWorkshop.Created, seed.Created);
        ImageDescription image = Assert.Single(seed.Images);
        Assert.Equal("disk", image.Name);
        Assert.Equal([workshop.Repository.PublicKey!.ToString()], image.Keys);
        Assert.Equal(await File.ReadAllBytesAsync(workshop.Head, Stop), image.Head);

        // Every program finds its loader and libraries there, and nowhere else.
        foreach (string program in (string[])["bin/vmseed-guest", "sbin/mke2fs", "sbin/e2fsck"])
        {
            string listed = await PeerProgram.OutputAsync(
                "sh",
                "-c",
                $"'{root}/lib64/ld-linux-x86-64.so.2' --inhibit-cache --library-path "
                + $"'{root}/lib/x86_64-linux-gnu' --list '{root}/{program}'");
            Assert.All(
                listed.Split('\n').Where(line => line.Contains("=>", StringComparison.Ordinal)),
                line => Assert.Contains(root, line, StringComparison.Ordinal));
        }

        Assert.True(File.Exists(Path.Join(root, "lib/x86_64-linux-gnu/libssl.so.3")));
        Assert.True(File.Exists(Path.Join(root, "etc/ssl/certs/ca-certificates.crt")));
        Assert.Equal("bin/vmseed-guest", new FileInfo(Path.Join(root, "init")).LinkTarget);
        Assert.Equal("busybox", new FileInfo(Path.Join(root, "bin/udhcpc")).LinkTarget);
    }

    [Fact]
    public async Task Two_builds_of_one_head_are_the_same_in_every_format()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        SeedOptions options = await workshop.OptionsAsync();
        string[] first = await HashAsync(options, "1");
        Assert.Equal(first, await HashAsync(options, "2"));

        // Some formats name their own file, so both builds have files of the same names.
        async Task<string[]> HashAsync(SeedOptions build, string folder)
        {
            Directory.CreateDirectory(workshop[folder]);
            await using Seed seed = await SeedBuilder.BuildAsync(build, null, Stop);
            List<string> hashes = [];
            foreach (DiskFormat format in SeedFormats.All.Where(one => one != DiskFormat.Raw))
            {
                string path = Path.Join(workshop[folder], $"seed.{format}");
                SeedFile file = await SeedWriter.WriteAsync(seed, path, format, null, Stop);
                hashes.Add($"{format} {file.Sha256}");
            }

            string archive = Path.Join(workshop[folder], "seed.tar");
            hashes.Add((await SeedWriter.WriteTarAsync(seed, archive, null, Stop)).Sha256!);
            return [.. hashes];
        }
    }

    [Fact]
    public async Task QEMU_reads_the_same_disk_out_of_every_format()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        await using Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop);
        string raw = workshop["seed.raw"];
        await SeedWriter.WriteAsync(seed, raw, DiskFormat.Raw, null, Stop);
        foreach (DiskFormat format in SeedFormats.All)
        {
            string name = format == DiskFormat.Vhd ? "vpc" : $"{format}".ToLowerInvariant();
            string path = workshop[$"other.{name}"];
            await SeedWriter.WriteAsync(seed, path, format, null, Stop);
            await PeerProgram.OutputAsync(
                "qemu-img", "compare", "-f", "raw", "-F", name, raw, path);
            string facts = await PeerProgram.OutputAsync(
                "qemu-img", "info", "--output=json", "-f", name, path);
            Assert.Contains(
                $"\"virtual-size\": {seed.Disk.Length}", facts, StringComparison.Ordinal);
        }
    }

    // What a format adds to the parts: tables, and the ends of its units.
    [Theory]
    [InlineData(DiskFormat.Raw, 0.3)]
    [InlineData(DiskFormat.Vmdk, 2.6)]
    [InlineData(DiskFormat.Qcow2, 1.0)]
    [InlineData(DiskFormat.Vdi, 6)]
    [InlineData(DiskFormat.Parallels, 5)]
    [InlineData(DiskFormat.Vhd, 7)]
    [InlineData(DiskFormat.Vhdx, 8)]
    public async Task A_file_is_little_larger_than_what_is_in_it(DiskFormat format, double most)
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        await using Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop);
        long parts = seed.Parts.Sum(part => part.Length);
        SeedFile file = await SeedWriter.WriteAsync(
            seed, workshop["seed"], format, null, Stop);
        Assert.InRange(file.Length, parts, parts + (long)(most * 1024 * 1024));
    }

    [Fact]
    public async Task A_kernel_that_is_not_the_signed_one_is_refused()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        SeedOptions options = await workshop.OptionsAsync();
        BootFile kernel = options.Images[0].Disk.Head.Boot!.Files[0];
        string place = Path.Join(
            workshop.Repository.Root, "objects", $"{kernel.Digest}"[..2], $"{kernel.Digest}");
        File.SetAttributes(place, FileAttributes.Normal);
        byte[] bytes = await File.ReadAllBytesAsync(place, Stop);
        bytes[1000] ^= 1;
        await File.WriteAllBytesAsync(place, bytes, Stop);
        BlockIOException fault = await Assert.ThrowsAsync<BlockIOException>(
            () => SeedBuilder.BuildAsync(options, null, Stop));
        Assert.Equal(FailureReason.Corrupt, fault.Reason);
    }

    [Fact]
    public async Task An_image_without_a_kernel_is_refused_and_the_message_helps()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync(
            options => options with { BootFiles = [] });
        SeedOptions seed = await workshop.OptionsAsync();
        ImageBuilderException fault = await Assert.ThrowsAsync<ImageBuilderException>(
            () => SeedBuilder.BuildAsync(seed, null, Stop));
        Assert.Equal(ImageBuilderFault.MissingInput, fault.Fault);
        Assert.Contains("'vmseed pack --bootable'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_on_this_machine_is_told_with_what_brings_it()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        SeedOptions options = await workshop.OptionsAsync();
        ImageBuilderException fault = await Assert.ThrowsAsync<ImageBuilderException>(
            () => SeedBuilder.BuildAsync(options with { GrubModules = "/nowhere" }, null, Stop));
        Assert.Contains("grub-pc-bin", fault.Message, StringComparison.Ordinal);
        fault = await Assert.ThrowsAsync<ImageBuilderException>(
            () => SeedBuilder.BuildAsync(options with { Client = "/nowhere" }, null, Stop));
        Assert.Contains("--client", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_remains_of_a_seed_that_was_given_up()
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        await using Seed seed = await SeedBuilder.BuildAsync(
            await workshop.OptionsAsync(), null, Stop);
        using CancellationTokenSource given = new();
        await given.CancelAsync();
        foreach (DiskFormat format in SeedFormats.All)
        {
            string path = workshop[$"given-up.{format}"];
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => SeedWriter.WriteAsync(seed, path, format, null, given.Token));
            Assert.False(File.Exists(path));
        }

        string archive = workshop["given-up.tar"];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => SeedWriter.WriteTarAsync(seed, archive, null, given.Token));
        Assert.False(File.Exists(archive));
    }

    private static async Task<string> WriteRawAsync(SeedWorkshop workshop, SeedOptions options)
    {
        string path = workshop["seed.raw"];
        await using Seed seed = await SeedBuilder.BuildAsync(options, null, Stop);
        await SeedWriter.WriteAsync(seed, path, DiskFormat.Raw, null, Stop);
        return path;
    }
}
