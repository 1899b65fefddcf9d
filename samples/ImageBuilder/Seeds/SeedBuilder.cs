using System.Buffers.Binary;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Images.Heads;
using VMSeed.ImageBuilder.Archives;
using VMSeed.ImageBuilder.BootDisk;
using VMSeed.ImageBuilder.GuestFiles;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Seeds;

// A seed is built as a raw disk in a sparse file: of 32 GiB it occupies what the seed weighs, some
// twenty mebibytes, and mtools writes into it without a mount. Every format is then a conversion of
// that file, which reads only what is not a hole.
//
// Nothing of the images is unpacked: kernel and drivers are copied as they were published, once
// their bytes have proved to be those that the signed head names.

/// <summary>Builds seed disks (docs/SEED-DISK.md).</summary>
public static class SeedBuilder
{
    private const string Label = "VMSEED";
    private const int Steps = 4;

    /// <summary>Builds a seed.</summary>
    /// <param name="options">What kind of seed.</param>
    /// <param name="progress">Hears of every step when it begins.</param>
    /// <param name="cancellationToken">Gives up; nothing remains.</param>
    /// <returns>The seed; the caller disposes of it.</returns>
    /// <exception cref="ArgumentException">The options are out of their limits.</exception>
    /// <exception cref="ImageBuilderException">A program, a package or a boot file is missing; the
    /// message names it.</exception>
    /// <exception cref="Blocks.Primitives.BlockIOException">A kernel or its modules cannot be had,
    /// or are not what the head names.</exception>
    public static async Task<Seed> BuildAsync(
        SeedOptions options,
        IProgress<SeedStep>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ImageFiles[] images = [.. options.Images.Select(ImageFiles.Of)];
        WorkFolder folder = new();
        try
        {
            return await BuildAsync(options, images, folder, progress, cancellationToken);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static async Task<Seed> BuildAsync(
        SeedOptions options,
        ImageFiles[] images,
        WorkFolder folder,
        IProgress<SeedStep>? progress,
        CancellationToken cancellationToken)
    {
        GptTable table = SeedLayout.Of(options.DiskId, SeedSize.Of(options.Size));
        GptPartition bios = table.Find(SeedLayout.Bios)!;
        BootFiles files = new();
        progress?.Report(new SeedStep("Making the boot loader", 1, Steps));
        GrubImage grub = new(options.GrubModules);
        byte[] sector = await grub.ReadBootSectorAsync(cancellationToken);
        byte[] core = BiosLoader.TieCore(
            await grub.MakeAsync(GrubPlatform.Bios, folder.Path, cancellationToken),
            bios.Offset,
            bios.Length);
        await AddLoaderAsync(files, grub, options, images, folder, cancellationToken);

        progress?.Report(new SeedStep("Fetching kernel and drivers", 2, Steps));
        await AddImagesAsync(files, images, folder, cancellationToken);

        progress?.Report(new SeedStep("Packing the guest client", 3, Steps));
        await AddClientAsync(files, options, images, folder, cancellationToken);

        progress?.Report(new SeedStep("Writing the disk", 4, Steps));
        string path = folder["seed.raw"];
        FileBlockDevice disk = FileBlockDevice.Create(path, SeedSize.Of(options.Size));
        try
        {
            await WriteBootPartitionAsync(
                path, table.Find(SeedLayout.Boot)!, files, options, cancellationToken);
            await disk.WriteAsync(bios.Offset, core, cancellationToken);
            await GptWriter.WriteAsync(
                disk,
                table,
                BiosLoader.TieBootSector(sector, bios.Offset),
                cancellationToken);
            await HoleDigger.DigAsync(disk, cancellationToken);
            return new Seed(
                disk,
                folder,
                table,
                [
                    new SeedPart("GRUB for BIOS", core.Length),
                    .. files.Weigh().Select(one => new SeedPart(one.Title, one.Length)),
                ],
                options.Created);
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    private static async Task AddLoaderAsync(
        BootFiles files,
        GrubImage grub,
        SeedOptions options,
        ImageFiles[] images,
        WorkFolder folder,
        CancellationToken cancellationToken)
    {
        byte[] program = await grub.MakeAsync(GrubPlatform.Uefi, folder.Path, cancellationToken);
        GrubMenu menu = new(options.DiskId, options.MenuTimeout, options.Network);
        string text = menu.Write([
            .. images.Select(image => new MenuImage(
                image.Name, image.Image.Disk.Head.Boot!.Arguments)),
        ]);
        await File.WriteAllBytesAsync(folder["BOOTX64.EFI"], program, cancellationToken);
        await File.WriteAllTextAsync(folder["grub.cfg"], text, cancellationToken);
        await File.WriteAllBytesAsync(
            folder["grubenv"], GrubMenu.EmptyEnvironment(), cancellationToken);
        files.Add("GRUB for UEFI", folder["BOOTX64.EFI"], "/EFI/BOOT/BOOTX64.EFI");
        files.Add("menu", folder["grub.cfg"], "/grub/grub.cfg");
        files.Add("menu's memory", folder["grubenv"], "/grub/grubenv");
    }

    private static async Task AddImagesAsync(
        BootFiles files,
        ImageFiles[] images,
        WorkFolder folder,
        CancellationToken cancellationToken)
    {
        foreach (ImageFiles image in images)
        {
            await AddAsync(image, image.Kernel, "kernel", "vmlinuz");
            await AddAsync(image, image.Modules, "drivers", "modules.img");
        }

        async Task AddAsync(ImageFiles image, BootFile file, string what, string name)
        {
            byte[] bytes = await image.Image.Disk.ReadBootFileAsync(file, cancellationToken);
            string copy = folder[$"{image.Name}-{name}"];
            await File.WriteAllBytesAsync(copy, bytes, cancellationToken);
            files.Add($"{what} of {image.Name}", copy, $"/vmseed/{image.Name}/{name}");
        }
    }

    private static async Task AddClientAsync(
        BootFiles files,
        SeedOptions options,
        ImageFiles[] images,
        WorkFolder folder,
        CancellationToken cancellationToken)
    {
        CpioArchive client = await GuestArchive.MakeAsync(options.Client, cancellationToken);
        string packed = await XzFile.WriteAsync(
            client, folder["client.img"], options.PackingLevel, linked: true, cancellationToken);
        files.Add("guest client", packed, "/vmseed/client.img");
        CpioArchive configuration = new();
        SeedDescription description = new()
        {
            Disk = options.DiskId,
            Created = options.Created,
            Proxy = options.Proxy,
            Images = [.. images.Select(image => image.Describe())],
        };
        configuration.AddFile(SeedDescription.Path, description.Write());
        await using FileStream file = new(folder["config.img"], FileMode.CreateNew);
        configuration.WriteTo(file);
        files.Add("configuration", folder["config.img"], "/vmseed/config.img");
    }

    private static async Task WriteBootPartitionAsync(
        string path,
        GptPartition partition,
        BootFiles files,
        SeedOptions options,
        CancellationToken cancellationToken)
    {
        FatVolume volume = new(path, partition.Offset, partition.Length, options.Created);
        uint serial = BinaryPrimitives.ReadUInt32LittleEndian(partition.Id.ToByteArray());
        await volume.FormatAsync(Label, serial, cancellationToken);
        await files.WriteAsync(volume, cancellationToken);
    }
}
