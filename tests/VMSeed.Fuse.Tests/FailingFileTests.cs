using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;

namespace VMSeed.Fuse.Tests;

public sealed class FailingFileTests
{
    [Fact]
    public async Task A_failure_is_an_input_output_error_and_the_mount_goes_on()
    {
        bool broken = true;
        PatternDevice device = new(8 << 20)
        {
            Gate = (_, _) => broken
                ? Task.FromException(
                    new BlockIOException(FailureReason.Corrupt, "Object ab is corrupt."))
                : Task.CompletedTask,
        };
        using RecordingLogger<FuseMount> logger = new();
        await using Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", device)], logger: logger);
        using SafeFileHandle file = File.OpenHandle(mounted["disk.raw"]);
        byte[] buffer = new byte[4096];
        for (int i = 0; i < 20; i++)
        {
            IOException failure = Assert.Throws<IOException>(
                () => RandomAccess.Read(file, buffer, i * 4096));
            Assert.Contains("Input/output error", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["Object ab is corrupt."], logger.Errors);
        broken = false;
        Assert.Equal(4096, RandomAccess.Read(file, buffer, 0));
        Assert.Equal(device.Expect(0, 4096), buffer);
    }
}
