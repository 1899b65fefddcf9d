using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Disks.Drivers;
using VMSeed.Testing.Contracts.Disks;

namespace VMSeed.Disks.Tests.Formats.Vhdx;

/// <summary>A VHDX keeps what every writable disk keeps; a variant says how it is made.</summary>
public abstract class VhdxContract : WritableDiskContract
{
    protected abstract VirtualDiskCreateOptions Options(long length);

    protected override async ValueTask<BlockDevice> CreateAsync(BlockDevice file, long length) =>
        await VirtualDisk.CreateAsync(file, Options(length), Token);

    protected override async ValueTask<BlockDevice> OpenAsync(BlockDevice file, bool writable) =>
        await VirtualDisk.OpenAsync(
            file,
            new VirtualDiskOptions
            {
                CanWrite = writable,
                LeaveOpen = true,
                Parent = Options(Length).Parent,
            },
            Token);

    protected override ValueTask CheckWithOracleAsync(string path, byte[] content) =>
        CheckAsync(path, content, allowLeaks: false);

    // A cut may come after the closing and before the file is shortened.
    protected override ValueTask CheckRecoveredWithOracleAsync(string path, byte[] content) =>
        CheckAsync(path, content, allowLeaks: true);

    protected virtual Task AskOthersAsync(string path, byte[] content) =>
        QemuOracle.CheckAsync(path, "vhdx", content);

    private async ValueTask CheckAsync(string path, byte[] content, bool allowLeaks)
    {
        await using (FileBlockDevice file = FileBlockDevice.Open(path))
        {
            await using BlockDevice disk = await OpenAsync(file, false);
            CheckReport report = await ((VirtualDisk)disk).CheckAsync(cancellationToken: Token);
            Assert.Empty(report.Errors);
            Assert.True(allowLeaks || report.IsClean, string.Join(' ', report.Leaks));
            await ContentAssert.HoldsAsync(disk, content);
        }

        await AskOthersAsync(path, content);
    }
}
