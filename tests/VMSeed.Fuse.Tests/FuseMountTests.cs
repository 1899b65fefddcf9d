using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using VMSeed.Testing;

namespace VMSeed.Fuse.Tests;

public sealed class FuseMountTests
{
    private const long Length = (32 << 20) + 12_345;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_whole_file_is_the_device(bool helperProgram)
    {
        if (helperProgram) { Need.Tool("fusermount3"); }

        PatternDevice device = new(Length);
        await using Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", device)],
            new FuseMountOptions { ForceHelperProgram = helperProgram });
        await using FileStream stream = File.OpenRead(mounted["disk.raw"]);
        byte[] read = await SHA256.HashDataAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal(SHA256.HashData(device.Expect(0, (int)Length)), read);
    }

    [Fact]
    public async Task Any_reads_of_many_threads_are_the_bytes()
    {
        PatternDevice device = new(Length);
        // Every third read completes later, on another thread.
        int count = 0;
        device.Gate = (_, _) => Interlocked.Increment(ref count) % 3 == 0
            ? Task.Run(() => { }, CancellationToken.None)
            : Task.CompletedTask;
        await using Mounted mounted =
            await Mounted.StartAsync([new BlockDeviceFile("disk.raw", device)]);
        using SafeFileHandle file = File.OpenHandle(mounted["disk.raw"]);
        // Threads of their own: blocked ones of the pool would keep it from answering.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Factory.StartNew(
            () => ReadAnywhere(file, device, new Random(seed)),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    [Fact]
    public async Task The_directory_lists_its_files()
    {
        await using Mounted mounted = await Mounted.StartAsync(
        [
            new BlockDeviceFile("disk.raw", new PatternDevice(Length)),
            new BlockDeviceFile("größe", new PatternDevice(1)),
        ]);
        FileInfo[] files = [.. new DirectoryInfo(mounted.Mount.MountPoint).GetFiles()
            .OrderBy(file => file.Name)];
        Assert.Equal(["disk.raw", "größe"], files.Select(file => file.Name));
        Assert.Equal([Length, 1], files.Select(file => file.Length));
        string listing = await Shell.RunAsync("ls", "-la", mounted.Mount.MountPoint);
        Assert.Contains("-r--r--r-- 1 root root", listing, StringComparison.Ordinal);
        Assert.False(File.Exists(mounted["nothing"]));
        Assert.Throws<IOException>(() => File.Create(mounted["new"]).Dispose());
        Assert.ThrowsAny<Exception>(() => File.OpenWrite(mounted["disk.raw"]).Dispose());
    }

    [Fact]
    public async Task A_hundred_files_are_listed_in_full()
    {
        FuseFile[] files = [.. Enumerable.Range(0, 100).Select(i =>
            new BlockDeviceFile(new string('n', 200) + i, new PatternDevice(i)))];
        await using Mounted mounted = await Mounted.StartAsync(files);
        Assert.Equal(
            files.Select(file => file.Name).Order(),
            Directory.GetFiles(mounted.Mount.MountPoint).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Holes_are_found()
    {
        Need.Tool("python3");
        await using Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", new PatternDevice(200_000, sparse: true))]);
        string found = await Shell.RunAsync(
            "python3",
            "-c",
            "import os,sys; f=os.open(sys.argv[1],os.O_RDONLY)\n"
            + "print(os.lseek(f,0,os.SEEK_DATA), os.lseek(f,0,os.SEEK_HOLE),"
            + " os.lseek(f,70000,os.SEEK_DATA), os.lseek(f,140000,os.SEEK_HOLE))\n"
            + "try: os.lseek(f,199000,os.SEEK_DATA)\n"
            + "except OSError as e: print(e.errno)",
            mounted["disk.raw"]);
        Assert.Equal("0 65536 131072 196608\n6\n", found);
    }

    [Fact]
    public async Task An_unmount_from_outside_completes()
    {
        Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", new PatternDevice(Length))]);
        Assert.False(mounted.Mount.Completion.IsCompleted);
        await Shell.RunAsync("umount", mounted.Mount.MountPoint);
        await mounted.Mount.Completion.WaitAsync(
            TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await mounted.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_mount_in_use_is_taken_away(bool helperProgram)
    {
        Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", new PatternDevice(Length))],
            new FuseMountOptions { ForceHelperProgram = helperProgram });
        using SafeFileHandle file = File.OpenHandle(mounted["disk.raw"]);
        await mounted.DisposeAsync();
        Assert.True(mounted.Mount.Completion.IsCompleted);
        Assert.Throws<IOException>(() => RandomAccess.Read(file, new byte[4096], 8 << 20));
    }

    [Fact]
    public async Task Errors_say_what_to_do()
    {
        using TempFolder folder = new();
        string file = folder.Write("file", "x"u8);
        Assert.Contains("mkdir", await FailAsync(folder["absent"]), StringComparison.Ordinal);
        Assert.Contains("not a directory", await FailAsync(file), StringComparison.Ordinal);
        await using Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", new PatternDevice(1))]);
        Assert.Contains(
            "busy", await FailAsync(mounted.Mount.MountPoint), StringComparison.Ordinal);
    }

    private static void ReadAnywhere(SafeFileHandle file, PatternDevice device, Random random)
    {
        for (int i = 0; i < 150; i++)
        {
            long offset = random.NextInt64(Length + 5000);
            byte[] buffer = new byte[1 << random.Next(1, 19)];
            int read = RandomAccess.Read(file, buffer, offset);
            Assert.True(buffer.AsSpan(0, read).SequenceEqual(
                device.Expect(offset, buffer.Length)));
        }
    }

    private static async Task<string> FailAsync(string mountPoint)
    {
        FuseMountException failure = await Assert.ThrowsAsync<FuseMountException>(() =>
            FuseMount.MountAsync(mountPoint, [], new(), NullLogger.Instance));
        return failure.Message;
    }
}
