using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Tests;

[Collection(nameof(AloneCollection))]
public sealed class AllocationTests
{
    [Fact]
    public async Task A_read_that_completes_at_once_allocates_nothing()
    {
        const int reads = 4000;
        const int odirect = 0x4000;
        byte[] buffer = GC.AllocateArray<byte>(8192, pinned: true);
        PatternDevice device = new(64 << 20);
        await using Mounted mounted = await Mounted.StartAsync(
            [new BlockDeviceFile("disk.raw", device)]);
        using SafeFileHandle file = Libc.open(mounted["disk.raw"], odirect | Libc.O_CLOEXEC);
        Read(file, buffer, reads); // Compiles, and gives each thread its second buffer.
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Read(file, buffer, reads);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // The runner allocates beside us now and then; one object a read would be 96,000 bytes.
        Assert.InRange(allocated, 0, reads * 4);
    }

    private static unsafe void Read(SafeFileHandle file, byte[] buffer, int count)
    {
        fixed (byte* start = buffer)
        {
            byte* aligned = (byte*)(((nint)start + 4095) & ~(nint)4095);
            for (int i = 0; i < count; i++)
            {
                if (Libc.read(file, aligned, 4096) != 4096) { Assert.Fail("A read failed."); }
            }
        }
    }
}
