using System.Buffers.Binary;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay;
using VMSeed.Testing;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Blocks.Tests.Overlay;

/// <summary>What every writable disk keeps, power cuts included; the judge reads the file as
/// docs/OVERLAY-FORMAT.md says, with no code of ours.</summary>
public class OverlayContractTests : WritableDiskContract
{
    // Anything from 1 byte on, as bases are; blocks are of 4 KiB.
    protected override int LengthUnit => 1;

    protected override int Length => (2 << 20) + 1234;

    protected override byte[] Initial(int length) => BaseOf(length);

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await OverlayDisk.OpenAsync(MakeBase((int)length), file, new OverlayOptions());

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await OverlayDisk.OpenAsync(
            MakeBase(await LengthOfAsync(file)), file, new OverlayOptions { ReadOnly = !writable });

    protected override async ValueTask CheckWithOracleAsync(string path, byte[] content)
    {
        byte[] file = await File.ReadAllBytesAsync(path, Token);
        byte[] expected = BaseOf(content.Length);
        long data = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(40));
        for (int block = 0; block * 4096 < content.Length; block++)
        {
            int offset = block * 4096;
            Span<byte> range = expected.AsSpan(offset, Math.Min(4096, content.Length - offset));
            switch ((file[(128 * 1024) + (block / 4)] >> (block % 4 * 2)) & 3)
            {
                case 1:
                    file.AsSpan((int)data + offset, range.Length).CopyTo(range);
                    break;
                case 2:
                    range.Clear();
                    break;
                case 3:
                    Assert.Fail($"Block {block} is in a state that does not exist.");
                    break;
                default:
                    break;
            }
        }

        ContentAssert.Same(content, expected, when: "As the format's description reads it: ");
    }

    private static async Task<int> LengthOfAsync(BlockDevice file)
    {
        byte[] length = new byte[8];
        await file.ReadAsync(24, length, Token);
        return (int)BinaryPrimitives.ReadInt64LittleEndian(length);
    }

    private static MemoryBlockDevice MakeBase(int length) => new(BaseOf(length));

    private static byte[] BaseOf(int length) => Pattern.Disk(length, 77);
}
